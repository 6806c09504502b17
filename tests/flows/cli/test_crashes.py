"""`siu batch` that is killed or told to end: Prefect, MLflow and the workers are as they should be."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from siu.audit.audit import audit
from tests.flows.fault_runs import adapters, running

SECONDS = 1200
SIU = (sys.executable, "-c", "from flows.cli.program import main; main()")
ENDS_IN = 2.0
"""How long a worker may outlive its parent."""
IN_TRAINING = "append.sync@9"
"""The parent's entry that a request's data are made: workers are at work on the next stages."""


def start(root: Path, fault: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        (*SIU, "batch"),
        cwd=root,
        env={**os.environ, "SIU_FAULT": fault},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def descendants(process: int) -> set[int]:
    """Return the processes below another one, servers in sessions of their own included."""
    below: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        below.setdefault(parent, []).append(int(status.parent.name))
    found, new = set(), {process}
    while new:
        new = {child for parent in new for child in below.get(parent, [])} - found
        found |= new
    return found


def alive(processes: set[int]) -> set[int]:
    """Return those that still run; one that nobody has waited for has ended."""
    running = set()
    for process in processes:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX":
            running.add(process)
    return running


def prefect_states(root: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(root / ".prefect/prefect.db")) as database:
        rows = database.execute("SELECT state_type, count(*) FROM flow_run GROUP BY 1 ORDER BY 1").fetchall()
        tasks = database.execute("SELECT count(*) FROM task_run WHERE state_type = 'RUNNING'").fetchone()
    assert tasks == (0,)
    return [(str(state), int(count)) for state, count in rows]


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "workspace"))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_killed_batch_leaves_no_worker_and_the_next_one_ends_its_runs(root: Path, tmp_path: Path) -> None:
    struck = tmp_path / "struck"
    batch = start(root, f"{IN_TRAINING}:sigkill:{struck}")
    below: set[int] = set()
    while batch.poll() is None:
        below = descendants(batch.pid) or below
        time.sleep(0.05)
    ended = time.monotonic()
    assert batch.returncode == -signal.SIGKILL, batch.communicate()
    assert struck.exists()
    assert below, "workers and Prefect's server were at work"
    while alive(below) and time.monotonic() < ended + ENDS_IN:
        time.sleep(0.05)
    assert not alive(below)
    batch.communicate()  # closes its pipes
    again = start(root)
    _, errors = again.communicate(timeout=SECONDS)
    assert again.returncode == 0, errors
    assert prefect_states(root) == [("COMPLETED", 1), ("CRASHED", 1)]
    assert running(root) == []
    assert audit(root).faults == ()
    assert len(adapters(root)) == 4, "one of each request, the release's, and the deployed copy"


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("kind", "code"), [("sigterm", 143), ("sigint", 130)])
def test_a_batch_that_is_told_to_end_says_so_and_leaves_nothing_running(
    kind: str, code: int, root: Path, tmp_path: Path
) -> None:
    batch = start(root, f"{IN_TRAINING}:{kind}:{tmp_path / 'struck'}")
    _, errors = batch.communicate(timeout=SECONDS)
    assert batch.returncode == code, errors
    assert errors.strip().endswith("Stopped. Start the same command again: finished work is kept."), errors
    assert "Traceback" not in errors
    assert running(root) == []
    assert "RUNNING" not in dict(prefect_states(root))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_full_disk_stops_the_batch_with_one_line(root: Path, tmp_path: Path) -> None:
    batch = start(root, f"publish.rename:enospc:{tmp_path / 'struck'}")
    _, errors = batch.communicate(timeout=SECONDS)
    assert batch.returncode == 2, errors
    assert "E-RUN-050" in errors
    assert "Traceback" not in errors
    assert audit(root).faults == ()
