"""A run of the schedule that meets a batch at work waits or is left out, and says why."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from flows.orchestration.turn import in_turn, wait_for_turn
from siu.config.service import Overlap
from siu.errors import StateError
from siu.storage.workspace import Workspace
from tasks.batch_lock import is_free, only_batch

HOLD = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print(flush=True)
    input()
"""


class AtWork:
    """Another process that holds a lock until it is told to end."""

    def __init__(self, lock: Path) -> None:
        lock.parent.mkdir(exist_ok=True)
        command = [sys.executable, "-c", HOLD, str(lock)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def end(self) -> None:
        self.process.communicate(b"\n")


@pytest.mark.parametrize("overlap", ["wait", "skip"])
def test_a_free_workspace_gives_the_turn_at_once(workspace: Workspace, overlap: Overlap) -> None:
    assert wait_for_turn(workspace, overlap, pytest.fail) == ""
    assert is_free(workspace)


def test_who_is_to_skip_learns_who_is_at_work(workspace: Workspace) -> None:
    other = AtWork(workspace.batch_lock)
    try:
        workspace.batch_lock.with_suffix(".holder").write_text("process 17, since 2026-01-31")
        reason = wait_for_turn(workspace, "skip", pytest.fail)
    finally:
        other.end()
    assert reason == "a batch, study or attack is at work (process 17, since 2026-01-31)"


def test_who_only_looks_whether_the_workspace_is_free_is_no_reason_to_skip(workspace: Workspace) -> None:
    other = AtWork(workspace.batch_lock)
    threading.Timer(0.05, other.end).start()
    assert wait_for_turn(workspace, "skip", pytest.fail) == ""


def test_who_waits_says_so_and_has_the_turn_when_the_other_is_done(workspace: Workspace) -> None:
    other = AtWork(workspace.batch_lock)
    notes: list[str] = []

    def note(reason: str) -> None:
        notes.append(reason)
        threading.Timer(0.2, other.end).start()

    assert wait_for_turn(workspace, "wait", note) == ""
    assert notes == ["a batch, study or attack is at work (unknown)"]
    with only_batch(workspace):
        assert not is_free(workspace)


def test_no_more_than_one_waits(workspace: Workspace) -> None:
    first, second = AtWork(workspace.batch_lock), AtWork(workspace.schedule_queue)
    try:
        reason = wait_for_turn(workspace, "wait", pytest.fail)
    finally:
        first.end()
        second.end()
    assert reason.endswith("and another run waits for its end already")


def test_who_loses_the_turn_to_a_faster_one_waits_once_more(workspace: Workspace) -> None:
    others: list[AtWork] = []
    notes: list[str] = []

    def run() -> str:
        if not others:
            others.append(AtWork(workspace.batch_lock))
        with only_batch(workspace):
            return "done"

    def note(reason: str) -> None:
        notes.append(reason)
        others[0].end()

    assert in_turn(workspace, "wait", note, run) == "done"
    assert len(notes) == 1


def test_what_else_goes_wrong_in_a_turn_is_told(workspace: Workspace) -> None:
    def run() -> None:
        raise StateError("E-LED-001", "the ledger is damaged", "Look at it")

    with pytest.raises(StateError, match="E-LED-001"):
        in_turn(workspace, "wait", pytest.fail, run)
