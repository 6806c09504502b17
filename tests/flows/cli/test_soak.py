"""Random kills over `siu batch`: in the end the bytes of an undisturbed run, a whole ledger, nobody running.

`SIU_SOAK_KILLS` says how many; fifty take an hour of two free cores. The moments are drawn from a fixed seed,
but what they meet depends on the machine.
"""

import os
import random
import shutil
import time
from pathlib import Path

import pytest

from siu.audit.audit import audit
from tests.flows.cli.test_crashes import ENDS_IN, SECONDS, alive, descendants, prefect_states, start
from tests.flows.fault_runs import adapters, running, torn

KILLS = int(os.environ.get("SIU_SOAK_KILLS", "50"))


def finished(root: Path) -> dict[str, bytes]:
    """Run a batch to its end and return the bytes of its adapters; all has to be in order then."""
    batch = start(root)
    _, errors = batch.communicate(timeout=4 * SECONDS)
    assert batch.returncode == 0, errors
    assert audit(root).faults == ()
    assert running(root) == []
    assert torn(root) == []
    assert "RUNNING" not in dict(prefect_states(root))
    return adapters(root)


@pytest.mark.slow
@pytest.mark.timeout(6 * 3600)
def test_random_kills_change_no_byte_and_leave_nobody_behind(template: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    undisturbed = finished(Path(shutil.copytree(template, tmp_path / "undisturbed")))
    longest, moments = time.monotonic() - began, random.Random(0)
    kills, workspaces = 0, 0
    root = tmp_path / "none"
    while kills < KILLS:
        if not root.exists():
            workspaces += 1
            root = Path(shutil.copytree(template, tmp_path / str(workspaces)))
        batch = start(root)
        deadline, below = time.monotonic() + moments.uniform(0.5, longest), set[int]()
        while batch.poll() is None and time.monotonic() < deadline:
            below = descendants(batch.pid) or below
            time.sleep(0.05)
        if batch.poll() is None:
            batch.kill()
            ended = time.monotonic()
            kills += 1
            while alive(below) and time.monotonic() < ended + ENDS_IN:
                time.sleep(0.05)
            assert not alive(below), f"strays behind kill {kills}"
        batch.communicate()
        if batch.returncode == 0:
            assert finished(root) == undisturbed
            shutil.rmtree(root)
    if root.exists():
        assert finished(root) == undisturbed
