"""What happens when a batch takes its workspace."""

import multiprocessing
import os
import signal
from pathlib import Path

from flows.plan import only_batch
from siu.storage.store import Store
from siu.storage.workspace import Workspace


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
