"""What Prefect holds of requests: texts of runs in the workspace's own database; no other is reached."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from siu.storage.workspace import Workspace
from tasks.purging.databases import PREFECT, count_rows, forget_rows

SERVER, LOGIN, HOME = "PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_HOME"
DATABASES = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")
OWN_USER = "siu:"
"""How the login of a server begins that `siu up` or a command has started."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def held(workspace: Workspace) -> int:
    """Return how many texts and results Prefect has of all runs: which are a request's, none says.

    Raises:
        StateError: ``E-PRG-003`` the database can't be read.
    """
    files = sum(path.is_file() for path in results(workspace).rglob("*"))
    return files + count_rows(_database(workspace), PREFECT)


def forget_texts(workspace: Workspace) -> None:
    """Delete the texts in the database; the runs stay.

    Raises:
        StateError: ``E-PRG-003`` the database is in use.
    """
    forget_rows(_database(workspace), PREFECT)


def results(workspace: Workspace) -> Path:
    """Return the folder of results."""
    return workspace.prefect_home / "storage"


def elsewhere(workspace: Workspace) -> list[str]:
    """Return a line where this command's environment names another place of Prefect's data."""
    lines = []
    address = os.environ.get(SERVER, "")
    if address and not _is_own(address):
        lines.append("Prefect server: it keeps its own data")
    home = os.environ.get(HOME)
    has_other_home = home is not None and Path(home).resolve() != workspace.prefect_home.resolve()
    if has_other_home or any(os.environ.get(name) for name in DATABASES):
        lines.append("Prefect's database: it is not in the workspace")
    return lines


def _is_own(address: str) -> bool:
    """Return whether a server is one that siu has started: it knows a login that only such servers have."""
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return False
    return host in LOOPBACK and os.environ.get(LOGIN, "").startswith(OWN_USER)


def _database(workspace: Workspace) -> Path:
    return workspace.prefect_home / "prefect.db"
