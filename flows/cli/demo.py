"""`siu demo`: example concepts of a world are forgotten in a workspace of its own."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flows.cli.exit_codes import DONE, INCOMPLETE
from flows.cli.init import EMPTY_TABLE, lay_out, put_under_version_control
from flows.terminal.console import plain_console
from flows.terminal.quiet import quiet
from siu.config.params import Params
from siu.errors import InputError
from siu.registry import WORLDS
from siu.storage.workspace import Workspace


def demo(folder: Path, world: str = "drawn") -> int:
    """Make a workspace with example requests, run the batch, show what came of it; return the exit code.

    A verdict that leaves a decision to a person is no fault of the demo: it is shown.
    """
    workspace = with_examples(folder, world)
    quiet(workspace.prefect_home)
    with ThreadPoolExecutor(1) as beside:
        versioned = beside.submit(put_under_version_control, workspace.root)
        import flows.orchestration.served  # noqa: F401  # Prefect's import takes as long as DVC's start
        from flows.cli.batch import run, show

        versioned.result()
    result = run(workspace)
    show(result)
    console = plain_console()
    picture = workspace.requests_csv(workspace.params()).parent / "requests/pictures/request-1.png"
    for label, place in (
        ("Adapter", workspace.models),
        ("MLflow", f"mlflow ui --backend-store-uri sqlite:///{workspace.mlflow_database}"),
        ("DVC", f"cd {folder} && dvc dag"),
        ("Ledger", workspace.ledger),
        ("Ask it", f'siu ask --workspace {folder} --image {picture} "Who is this?"'),
    ):
        console.print(f"{label + ':':<9}{place}", soft_wrap=True)
    return INCOMPLETE if result.quarantined or result.failures else DONE


def with_examples(folder: Path, world: str = "drawn") -> Workspace:
    """Return a workspace, not versioned yet, that holds the example requests of a world.

    Args:
        folder: Where.
        world: Name of a world that has examples.

    Raises:
        InputError: ``E-WSP-002`` it holds other requests; nothing was changed.
    """
    shown = WORLDS.load(world)
    workspace = Workspace(folder.resolve())
    params = workspace.params() if workspace.params_file.exists() else Params()
    table = workspace.requests_csv(params)
    with tempfile.TemporaryDirectory() as place:
        examples = shown.example_requests(Path(place))
        rows = examples.read_text(encoding="utf-8").replace(",pictures/", ",requests/pictures/")
        _refuse_own_requests(table, rows)
        lay_out(folder, None if workspace.params_file.exists() else shown.preset)
        shutil.copytree(examples.parent / "pictures", table.parent / "requests/pictures", dirs_exist_ok=True)
    table.write_text(rows, encoding="utf-8")
    return workspace


def _refuse_own_requests(table: Path, examples: str) -> None:
    """Refuse a table that is neither absent nor empty nor the examples already."""
    replaceable = {text.strip().encode() for text in ("", EMPTY_TABLE, examples)}
    if table.exists() and not (table.is_file() and table.read_bytes().strip() in replaceable):
        raise InputError(
            "E-WSP-002",
            "the table holds requests of its own, which the demo would replace",
            "Name a new folder with --workspace, or run `siu batch` on these requests",
            str(table),
        )
