"""`siu demo`: three concepts of the embedded world are forgotten in a workspace of its own."""

from pathlib import Path

from rich.console import Console

from flows.init import init
from flows.quiet import quiet


def demo(folder: Path) -> int:
    """Make a workspace with example requests, run the batch, show what came of it; return the exit code."""
    console = Console()
    workspace = init(folder)
    quiet(workspace.prefect_home)
    from siu.conceptworld import example_requests

    example_requests(workspace.root)
    from flows.commands import run, show

    result = run(workspace)
    show(result)
    for label, place in (
        ("Adapter", workspace.models),
        ("Metrics", f"mlflow ui --backend-store-uri sqlite:///{workspace.mlflow_database}"),
        ("Versions", f"cd {workspace.root} && dvc dag"),
        ("Ledger", workspace.ledger),
        ("Ask it", f'siu ask --workspace {folder} --image PICTURE "Who is this?"'),
    ):
        console.print(f"{label}: {place}", highlight=False, soft_wrap=True)
    return 3 if result.quarantined else 0
