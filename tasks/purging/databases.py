"""SQLite databases that forget: rows deleted, the file rewritten, the log behind it cut to nothing."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from siu.errors import StateError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PREFECT = ("events", "event_resources", "artifact", "artifact_collection", "log")
"""Prefect's tables that hold texts of runs; no call of Prefect's deletes all of them."""
LOCK_SECONDS = 10
"""How long to wait for what another process is writing."""


def forget_rows(file: Path, tables: Iterable[str]) -> int:
    """Delete all rows of some tables and rewrite the database without them; return how many there were.

    Raises:
        StateError: ``E-PRG-003`` somebody uses the database, so that old bytes would stay.
    """
    if not file.is_file():
        return 0
    with _opened(file) as database:
        database.execute("PRAGMA secure_delete = ON")
        count = sum(
            database.execute(f"DELETE FROM {table}").rowcount  # nosec B608: our own names
            for table in _there(database, tables)
        )
    rewrite(file)
    return count


def count_rows(file: Path, tables: Iterable[str]) -> int:
    """Return how many rows some tables have together; those that are not there have none.

    Raises:
        StateError: ``E-PRG-003`` the database can't be read.
    """
    if not file.is_file():
        return 0
    with _opened(file) as database:
        counts = [
            database.execute(f"SELECT count(*) FROM {table}").fetchone()  # nosec B608: our own names
            for table in _there(database, tables)
        ]
    return sum(int(count) for (count,) in counts)


def forget_runs(file: Path, run_ids: Sequence[str]) -> int:
    """Delete MLflow's rows about some runs, in every table that has a column for them; return how many.

    Raises:
        StateError: ``E-PRG-003`` somebody writes the database; run it again.
    """
    if not file.is_file() or not run_ids:
        return 0
    count = 0
    with _opened(file) as database:
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
    with _opened(file) as database:
        database.execute("VACUUM")
        busy, *_ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise unusable(file, "its write-ahead log is in use")


def _there(database: sqlite3.Connection, tables: Iterable[str]) -> list[str]:
    """Return those of some tables that a database has."""
    names = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return [table for table in tables if table in names and _NAME.fullmatch(table)]


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a database; whatever SQLite can't do is told as a purge that has to go on."""
    try:
        with closing(sqlite3.connect(file, isolation_level=None, timeout=LOCK_SECONDS)) as database:
            yield database
    except sqlite3.Error as error:
        raise unusable(file, str(error)) from error


def unusable(file: Path, why: str) -> StateError:
    """Return the error about a database that can't be purged now."""
    what = f"the database may still hold what is to go: {why}"
    return StateError("E-PRG-003", what, "End what uses it and run the same command again", str(file))
