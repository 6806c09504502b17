"""Files about more than one request: those that show a purged one go, or are made anew without it."""

from pathlib import Path

from siu.audit.traces import files_with
from siu.client import Client
from siu.report.site import FULL, INDEX, write_site
from siu.storage.workspace import Workspace
from tasks.audit_page import PAGE, write_audit_page
from tasks.purging.names import Traces

AUDIT = "audit"
ATTACKS = "attacks-*.html"
OTHERS = (".git", ".dvc", ".dvc-site", "mlflow.db")
"""What is purged in ways of its own."""
STATE_THAT_STAYS = ("models", "keys", "checkpoints", "listings", "commitments")


def shared_pages(workspace: Workspace) -> list[Path]:
    """Return the index in both editions: one has names, and both link to reports that go."""
    pages = (workspace.reports / INDEX, workspace.reports / FULL)
    return [page for page in pages if page.is_file() or page.is_symlink()]


def made_files_with(workspace: Workspace, traces: Traces) -> list[Path]:
    """Return what siu has written beside its outputs that shows something of a request."""
    places = [workspace.reports, workspace.root / AUDIT, workspace.comparisons, workspace.mlflow_artifacts]
    places += [workspace.root / name for name in ("metrics", "plots", "records", ".prefect/storage")]
    places += [path for path in workspace.state.glob("*/") if path.name not in STATE_THAT_STAYS]
    attacks = files_with(traces.names, workspace.reports.glob(ATTACKS))
    return sorted({*files_with(traces.telling, filter(Path.exists, places)), *attacks})


def other_files_with(workspace: Workspace, traces: Traces) -> list[Path]:
    """Return all files of a workspace that show something of a request.

    Left out are the collection, its source and the base model, which are the operator's own, and what git and
    DVC hold.
    """
    params = workspace.params()
    left_out = [workspace.collection(params), workspace.root / "data/base_model"]
    left_out += [workspace.root / source for source in (params.data.source, params.base_model.source)]
    places = [path for path in workspace.root.iterdir() if path.name not in OTHERS and path not in left_out]
    files = files_with(traces.telling, places)
    return [file for file in files if not any(file.is_relative_to(place) for place in left_out)]


def make_pages_anew(workspace: Workspace, *, with_index: bool) -> None:
    """Write the index without names again, and the audit page, which has none, where there was one."""
    if with_index:
        write_site(Client(workspace))
    if (workspace.root / AUDIT / PAGE).is_file():
        write_audit_page(workspace, workspace.root / AUDIT)
