"""Who is at work in a workspace: one batch, study, attack or preparation at a time."""

from pathlib import Path

from filelock import FileLock, Timeout

from siu.storage.workspace import Workspace

LOOK_SECONDS = 0.3
"""Longer than another one holds the lock who only looks whether it is free."""


def is_free(workspace: Workspace) -> bool:
    """Return whether nobody is at work in the workspace."""
    if not workspace.batch_lock.exists():
        return True
    try:
        with FileLock(workspace.batch_lock, thread_local=False).acquire(timeout=LOOK_SECONDS):
            return True
    except Timeout:
        return False


def batch_holder(workspace: Workspace) -> str:
    """Return which process holds the batch lock, and since when."""
    file = holder_file(workspace)
    return file.read_text(encoding="utf-8") if file.is_file() else "unknown"


def holder_file(workspace: Workspace) -> Path:
    """Return where whoever holds the lock has written that down."""
    return workspace.batch_lock.with_suffix(".holder")
