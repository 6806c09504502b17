"""MLflow's database is whole whatever happened to the process that made it."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tasks.tracking.database import prepare_database

KILLED = """
import os, signal, sys
from pathlib import Path
import sqlalchemy
from sqlalchemy import event
from tasks.tracking.database import prepare_database

left = int(sys.argv[2])

@event.listens_for(sqlalchemy.Engine, "after_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

folder = Path(sys.argv[1])
prepare_database(folder / "mlflow.db", folder / "mlartifacts", folder / "lock")
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    prepare(folder)
    return folder / "mlflow.db"


def prepare(folder: Path) -> None:
    prepare_database(folder / "mlflow.db", folder / "mlartifacts", folder / "lock")


def experiments(file: Path) -> list[str]:
    """Return the places of all experiments."""
    with closing(sqlite3.connect(file)) as database:
        return [row[0] for row in database.execute("SELECT artifact_location FROM experiments")]


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(statement)


def test_a_copy_says_that_its_files_are_in_the_copy(made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "mlflow.db"
    copy.write_bytes(made.read_bytes())
    elsewhere = "file:///elsewhere/of-mine"
    change(copy, f"UPDATE experiments SET artifact_location = '{elsewhere}' WHERE experiment_id = 7")
    change(
        copy,
        "INSERT INTO runs (run_uuid, artifact_uri, lifecycle_stage, status, source_type) VALUES "
        f"('a', '{made.with_name('mlartifacts').as_uri()}/a/artifacts', 'active', 'FINISHED', 'LOCAL'), "
        f"('b', '{elsewhere}', 'active', 'FINISHED', 'LOCAL')",
    )
    prepare(tmp_path)
    here = (tmp_path / "mlartifacts").as_uri()
    assert experiments(copy) == [f"{here}/0"]
    with closing(sqlite3.connect(copy)) as database:
        places = [row[0] for row in database.execute("SELECT artifact_uri FROM runs ORDER BY run_uuid")]
    assert places == [f"{here}/a/artifacts", elsewhere]
    assert experiments(made) == [f"{made.with_name('mlartifacts').as_uri()}/0"]


def test_a_half_made_database_is_set_aside_and_made_anew(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "mlflow.db"
    file.write_bytes(made.read_bytes())
    change(file, "DELETE FROM alembic_version")  # as a process leaves it that is killed among the tables
    broken = file.read_bytes()
    prepare(tmp_path)
    assert experiments(file) == [f"{(tmp_path / 'mlartifacts').as_uri()}/0"]
    assert (tmp_path / "mlflow.db.broken-1").read_bytes() == broken
    assert not list(tmp_path.glob(".mlflow.db*"))


@pytest.mark.slow
@pytest.mark.parametrize("statement", [2, 60, 300])
def test_who_is_killed_while_making_it_leaves_nothing_that_stands_in_the_way(
    statement: int, tmp_path: Path
) -> None:
    arguments = (sys.executable, "-c", KILLED, str(tmp_path), str(statement))
    done = subprocess.run(arguments, capture_output=True, cwd=Path(__file__).parents[3], check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (tmp_path / "mlflow.db").exists()
    prepare(tmp_path)
    assert experiments(tmp_path / "mlflow.db") == [f"{(tmp_path / 'mlartifacts').as_uri()}/0"]
    assert not list(tmp_path.glob(".mlflow.db*"))
