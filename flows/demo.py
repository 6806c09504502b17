"""`siu demo`: three concepts of the embedded world are forgotten in a workspace of its own."""

from pathlib import Path

from rich.console import Console

from flows.init import init
from flows.quiet import quiet
from siu.workspace import Workspace


def demo(folder: Path) -> int:
    """Make a workspace with example requests, run the batch, show what came of it; return the exit code."""
    workspace = with_examples(folder)
    quiet(workspace.prefect_home)
    from flows.commands import run, show

    result = run(workspace)
    show(result)
    console = Console()
    question = f'siu ask --workspace {folder} --image {folder}/requests/pictures/request-1.png "Who is this?"'
    for label, place in (
        ("Adapter", workspace.models),
        ("MLflow", f"mlflow ui --backend-store-uri sqlite:///{workspace.mlflow_database}"),
        ("DVC", f"cd {folder} && dvc dag"),
        ("Ledger", workspace.ledger),
        ("Ask it", question),
    ):
        console.print(f"{label + ':':<9}{place}", highlight=False, markup=False, soft_wrap=True)
    return 3 if result.quarantined else 0


def with_examples(folder: Path) -> Workspace:
    """Return a workspace that holds the example requests of the embedded world."""
    from siu.conceptworld import example_requests

    workspace = init(folder)
    examples = example_requests(workspace.request_store)
    rows = examples.read_text(encoding="utf-8").replace(",pictures/", ",requests/pictures/")
    (workspace.root / "requests.csv").write_text(rows, encoding="utf-8")
    examples.unlink()
    return workspace
