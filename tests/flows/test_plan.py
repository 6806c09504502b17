"""What happens when a batch takes its workspace."""

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

from siu.storage.store import Store
from siu.storage.workspace import Workspace
from tasks.batch_lock import only_batch


def die_while_publishing(artifacts: Path) -> None:
    with Store(artifacts).publish("unlearn", {"seed": 0}) as staging:
        (staging / "half.txt").write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_batch_left_half_made_is_removed_and_what_is_being_made_is_not(
    workspace: Workspace,
) -> None:
    killed = multiprocessing.get_context("spawn").Process(
        target=die_while_publishing, args=(workspace.artifacts,)
    )
    killed.start()
    killed.join()
    assert list(workspace.artifacts.rglob("half.txt"))
    with Store(workspace.artifacts).publish("unlearn", {"seed": 1}) as staging:
        (staging / "whole.txt").write_text("whole")
        with only_batch(workspace):
            assert not list(workspace.artifacts.rglob("half.txt"))
            assert (staging / "whole.txt").is_file()


LOOK = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print(flush=True)
    time.sleep(0.3)
"""


def test_a_batch_is_not_refused_because_another_process_looks_whether_it_may_begin(
    workspace: Workspace,
) -> None:
    workspace.state.mkdir(exist_ok=True)
    command = [sys.executable, "-c", LOOK, str(workspace.batch_lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as looking:
        assert looking.stdout is not None
        looking.stdout.readline()
        with only_batch(workspace):
            assert workspace.batch_lock.with_suffix(".holder").is_file()
