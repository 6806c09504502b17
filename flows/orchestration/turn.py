"""Whose turn it is in a workspace: one batch works, one run of the schedule may wait for it."""

from collections.abc import Callable
from typing import TypeVar

from filelock import FileLock, Timeout

from siu.config.service import Overlap
from siu.errors import StateError
from siu.storage.workspace import Workspace
from tasks.batch_lock import batch_holder, is_free

Result = TypeVar("Result")

POLL_SECONDS = 1.0
HELD = "E-RUN-004"


def in_turn(
    workspace: Workspace, overlap: Overlap, note: Callable[[str], object], run: Callable[[], Result]
) -> Result | str:
    """Run what takes the batch lock when it is its turn; where another process is faster, wait once more.

    Args:
        workspace: Where.
        overlap: What a run does that comes due while a batch is at work.
        note: Told why the run waits, if it does.
        run: Takes the batch lock, or raises ``E-RUN-004`` before it has done anything.

    Returns:
        What ``run`` returns, or why it is left out.

    Raises:
        StateError: Another one of ``run``.
    """
    while not (reason := wait_for_turn(workspace, overlap, note)):
        try:
            return run()
        except StateError as error:
            if error.code != HELD:
                raise
    return reason


def wait_for_turn(workspace: Workspace, overlap: Overlap, note: Callable[[str], object]) -> str:
    """Wait until no batch works in the workspace, if that is wanted.

    Args:
        workspace: Where.
        overlap: What a run does that comes due while a batch is at work.
        note: Told why the run waits, if it does.

    Returns:
        Why the run is left out; empty if it is its turn.
    """
    if is_free(workspace):
        return ""
    at_work = f"a batch, study or attack is at work ({batch_holder(workspace)})"
    if overlap == "skip":
        return at_work
    queue = FileLock(workspace.schedule_queue, thread_local=False)
    try:
        queue.acquire(timeout=0)
    except Timeout:
        return f"{at_work}, and another run waits for its end already"
    with queue:
        note(at_work)
        with FileLock(workspace.batch_lock, thread_local=False).acquire(poll_interval=POLL_SECONDS):
            return ""
