"""`siu prepare`: the collection, or the embedded model anew."""

from collections.abc import Callable
from pathlib import Path

from siu.workspace import Workspace
from tasks.prepare import prepare
from tasks.versioning import make_output_folders


def prepare_workspace(workspace: Workspace) -> str:
    """Draw or import the collection unless it is there; return what was done in one line."""
    make_output_folders(workspace)
    prepared = prepare(workspace, workspace.params())
    done = "is there already" if prepared.skipped else "is ready"
    return f"The collection {done}: {prepared.collection_digest[:12]}; base model {prepared.base_digest[:12]}"


def rebuild(folder: Path, without: tuple[str, ...], echo: Callable[[str], None]) -> None:
    """Train the embedded model anew from its seed, without the concepts named."""
    from siu.conceptworld import build_model

    build_model(folder, without=without, on_progress=echo)
    echo(f"The model is in {folder}")
