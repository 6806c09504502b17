"""What of a workspace only its owner may read: names, pictures, answers, keys.

A process that works with a workspace makes its files for their owner alone (`for_the_owner`), whatever its
umask was. The folders of those that lie there already are closed (`close_to_others`): below them all is.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDERS = (
    "artifacts",
    "audit",
    "certificates",
    "comparison",
    "data",
    "mlartifacts",
    "records",
    "reports",
    "requests",
    "state",
    "state/commitments",
    "state/keys",
    "state/params",
    ".dvc/cache",
    ".dvc-site",
    ".prefect",
)
FILES = ("*.csv", "mlflow.db*", "state/*.jsonl", "state/commitments/*", "state/keys/*.pem", "requests/*")
"""Those that are closed one by one as well: they are copied, or lie beside what others may read."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO
PRIVATE_UMASK = 0o077
_users: list[int] = []
"""The umasks from before, the innermost last."""


@contextmanager
def for_the_owner() -> Iterator[None]:
    """Make all files of this process and of those it starts for their owner alone, while the block runs."""
    before = os.umask(PRIVATE_UMASK)
    _users.append(before)
    try:
        yield
    finally:
        _users.pop()
        os.umask(before)


@contextmanager
def for_others() -> Iterator[None]:
    """Make files with the user's own umask while the block runs: what is given away is no secret."""
    before = os.umask(_users[-1]) if _users else None
    try:
        yield
    finally:
        if before is not None:
            os.umask(before)


def close_to_others(root: Path) -> None:
    """Take away from group and others what they may do with the private folders and files of a workspace.

    Links, and what belongs to somebody else, stay as they are.
    """
    for place in (*(root / name for name in FOLDERS), *(file for name in FILES for file in root.glob(name))):
        if place.is_symlink() or not place.exists():
            continue
        state = place.stat()
        if state.st_mode & OTHERS and state.st_uid == os.getuid():
            place.chmod(stat.S_IMODE(state.st_mode) & ~OTHERS)
