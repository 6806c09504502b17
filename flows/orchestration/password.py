"""The password of the servers that are started here."""

import os
import secrets

from siu.errors import StateError
from siu.storage.workspace import Workspace

VARIABLE = "SIU_PASSWORD"
FEWEST = 12
"""Characters of a password that a user chooses."""


def service_password(workspace: Workspace) -> str:
    """Return what ``SIU_PASSWORD`` holds, else what the workspace's file does, which is made if need be.

    Raises:
        StateError: ``E-SCH-004`` the password is too short, or others can read its file.
    """
    given = os.environ.get(VARIABLE, "")
    if given:
        return _checked(given, VARIABLE)
    file = workspace.service_password
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        if file.is_symlink() or file.stat().st_mode & 0o077:
            what = "others than its owner can read the password"
            raise StateError("E-SCH-004", what, f"Run `rm {file}`: a new one is made", str(file)) from None
        return _checked(file.read_text(encoding="utf-8").strip(), str(file))
    with os.fdopen(handle, "w", encoding="utf-8") as written:
        password = secrets.token_urlsafe(24)
        written.write(password + "\n")
    return password


def _checked(password: str, place: str) -> str:
    if len(password) < FEWEST or not password.isascii() or not password.isprintable():
        what = f"the password has to be {FEWEST} printable ASCII characters or more"
        raise StateError("E-SCH-004", what, "Take a longer one, or none: then one is made", place)
    return password
