"""Kill -9 while MLflow's database is made, fifty times over all statements: the next run's tracking works.

Each process is forked from one that has loaded MLflow, so that a kill costs a second and not ten.
"""

import multiprocessing
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

KILLS = 50
LOADED = ["mlflow.tracking", "mlflow.store.tracking.sqlalchemy_store", "tasks.tracking.runs"]


def make(folder: str, die_at: int) -> None:
    """Make the database as a batch does, dying at a statement; write how many there were, and use it."""
    import sqlalchemy
    from sqlalchemy import event

    from siu.config.params import TrackingParams
    from siu.storage.workspace import Workspace
    from tasks.tracking.record import RunRecord
    from tasks.tracking.runs import MlflowRuns

    seen = 0
    sys.stderr = Path(folder, "stderr.txt").open("a")  # noqa: SIM115  # until the process ends

    @event.listens_for(sqlalchemy.Engine, "after_cursor_execute")
    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    runs = MlflowRuns(Workspace(Path(folder)), TrackingParams())
    Path(folder, "statements").write_text(str(seen))
    runs.push(RunRecord("a" * 64, "works", metrics=(("loss", 0.5, 1),)))


def in_a_process(folder: Path, die_at: int = 0) -> int | None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    process = context.Process(target=make, args=(str(folder), die_at))
    process.start()
    process.join(600)
    return process.exitcode


def runs_of(folder: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        return database.execute("SELECT name, status FROM runs").fetchall()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_tracking_works_whenever_its_maker_was_killed(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    assert in_a_process(whole) == 0
    statements = int((whole / "statements").read_text())
    assert statements > KILLS
    for number in range(KILLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert in_a_process(folder, 1 + number * (statements - 1) // (KILLS - 1)) == -signal.SIGKILL
        assert in_a_process(folder) == 0, (folder / "stderr.txt").read_text()
        assert runs_of(folder) == [("works", "FINISHED")]
        assert not list(folder.glob(".mlflow.db*"))
