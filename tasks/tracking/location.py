"""Where MLflow keeps the runs of a workspace, and what marks them as its own."""

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from siu.storage.digest import value_digest
from siu.storage.workspace import Workspace
from tasks.tracking.database import PREFIX, sqlite_file

if TYPE_CHECKING:
    from siu.config.params import TrackingParams


def tracking_uri(workspace: Workspace, uri: str) -> str:
    """Return a tracking URI with a relative SQLite file placed in the workspace."""
    if uri.startswith(PREFIX) and not uri.startswith(f"{PREFIX}/"):
        return f"{PREFIX}{workspace.root / uri.removeprefix(PREFIX)}"
    return uri


def tracking_file(workspace: Workspace, params: "TrackingParams") -> Path | None:
    """Return the SQLite file that MLflow keeps its metrics in; None where it has a server."""
    return sqlite_file(tracking_uri(workspace, params.uri))


def artifacts_of(workspace: Workspace, file: Path) -> Path:
    """Return where a SQLite file's experiments keep their files: in the workspace, or else beside it."""
    if file.is_relative_to(workspace.root):
        return workspace.mlflow_artifacts
    return file.resolve().with_name(workspace.mlflow_artifacts.name)


def own_tag(workspace: Workspace, file: Path | None) -> str:
    """Return what marks a workspace's runs: another one that writes to the same server may be at work now."""
    if file is not None and file.is_relative_to(workspace.root):
        return "own"  # nobody else's, also after the workspace was moved
    return value_digest([socket.gethostname(), str(workspace.root.resolve())])[:16]
