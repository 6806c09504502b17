"""Who is at work in a workspace: one batch, study, attack or preparation at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from siu.errors import StateError
from siu.storage.private import close_to_others
from siu.storage.store import Store
from siu.storage.workspace import Workspace
from tasks.seal import note_altered, seal, seal_after_failure

PATIENCE_SECONDS = 2.0
"""Longer than anybody holds the batch lock who only looks whether it is free."""
LOOK_SECONDS = 0.3
"""Longer than another one holds the lock who only looks whether it is free."""


@contextmanager
def only_batch(workspace: Workspace) -> Iterator[tuple[str, ...]]:
    """Hold the workspace's batch lock, which the kernel frees when this process ends.

    What processes that were killed left half made among the outputs is removed first. What was changed since
    the last seal is yielded as notes; at the end all is bound to the ledger and signed.

    Raises:
        StateError: ``E-RUN-004`` another one holds it, for seconds.
    """
    workspace.state.mkdir(parents=True, exist_ok=True)
    holder = holder_file(workspace)
    lock = FileLock(workspace.batch_lock, timeout=PATIENCE_SECONDS, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise StateError(
            "E-RUN-004",
            f"another batch, study or attack is running here ({batch_holder(workspace)})",
            "Wait until it is done, or end that process",
            str(workspace.root),
        ) from None
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        close_to_others(workspace.root)
        holder.write_text(f"process {os.getpid()}, since {since}", encoding="utf-8")
        Store(workspace.artifacts).sweep()
        try:
            yield note_altered(workspace)
        except BaseException:
            seal_after_failure(workspace)
            raise
        seal(workspace)
    finally:
        close_to_others(workspace.root)
        holder.unlink(missing_ok=True)
        lock.release()


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
