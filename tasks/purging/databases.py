"""SQLite databases that forget: rows deleted, the file rewritten, the log behind it cut to nothing."""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from siu.errors import StateError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PREFECT = ("events", "event_resources", "artifact", "artifact_collection", "log")
"""Prefect's tables that hold texts of runs; no call of Prefect's deletes all of them."""


def forget_rows(file: Path, tables: Iterable[str]) -> int:
    """Delete all rows of some tables and rewrite the database without them; return how many there were.

    Raises:
        StateError: ``E-PRG-003`` somebody reads the database, so that old bytes would stay.
    """
    if not file.is_file():
        return 0
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        there = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        database.execute("PRAGMA secure_delete = ON")
        count = 0
        for table in tables:
            if table in there and _NAME.fullmatch(table):
                count += database.execute(f"DELETE FROM {table}").rowcount  # nosec B608: our own names
    rewrite(file)
    return count


def forget_runs(file: Path, run_ids: Sequence[str]) -> int:
    """Delete MLflow's rows about some runs, in every table that has a column for them; return how many."""
    if not file.is_file() or not run_ids:
        return 0
    count = 0
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete = ON")
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
            for column in columns & {"run_uuid", "run_id", "source_id", "destination_id"}:
                for run_id in run_ids:
                    statement = f"DELETE FROM {table} WHERE {column} = ?"  # nosec B608: names of the database's own
                    count += database.execute(statement, (run_id,)).rowcount
    return count


def rewrite(file: Path) -> None:
    """Rewrite a database without what was deleted, and cut its write-ahead log to nothing.

    Raises:
        StateError: ``E-PRG-003`` somebody reads it.
    """
    if not file.is_file():
        return
    try:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=10)) as database:
            database.execute("VACUUM")
            busy, *_ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise _busy(file, str(error)) from error
    if busy:
        raise _busy(file, "its write-ahead log is in use")


def _busy(file: Path, why: str) -> StateError:
    what = f"the database still holds deleted rows: {why}"
    return StateError("E-PRG-003", what, "End what reads it and run the same command again", str(file))
