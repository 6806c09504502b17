"""MLflow's SQLite file: made whole or not at all, brought up to date as a copy, and right about its place.

MLflow makes and migrates its tables in many steps, and a process that is killed between two of them leaves a
file that no version opens again. So tables are made in a file beside, which is then renamed. A file that was
left half made is set aside and made anew: what it held is pushed again from the records of the workspace.

MLflow keeps the places of its files as absolute URIs. Where the workspace was moved or copied they are
rewritten, so that nothing is read from the former place or written into it.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from filelock import FileLock

from siu.storage.durable import flush
from siu.storage.fault_points import fault_point

LOCK = "mlflow.lock"
PREFIX = "sqlite:///"
LOCATIONS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Columns that hold places of files."""
_SIDE_FILES = ("-journal", "-wal", "-shm")


def sqlite_file(uri: str) -> Path | None:
    """Return the file of a SQLite address; None for a server's."""
    return Path(uri.removeprefix(PREFIX)) if uri.startswith(PREFIX) else None


def prepare_database(file: Path, artifacts: Path, lock: Path) -> None:
    """Make MLflow's database, bring it to the current schema, and put its places right.

    Args:
        file: The database.
        artifacts: Where its experiments keep their files from now on.
        lock: Held meanwhile: several processes may want it at once.

    Raises:
        OSError: The folder can't be written.
        sqlite3.Error: The file can't be read or written.
    """
    with FileLock(lock):
        if not file.exists():
            _make(file, artifacts)
        elif _revision(file) != _newest_revision():
            _migrate(file, artifacts)
        _relocate(file, artifacts)


def _make(file: Path, artifacts: Path) -> None:
    """Make an empty database beside and rename it into place."""
    fresh = _beside(file)
    _create_tables(fresh, artifacts)
    _put_in_place(fresh, file)


def _migrate(file: Path, artifacts: Path) -> None:
    """Migrate a copy and put it in place; a file that can't be migrated is kept aside, and one made anew."""
    fresh = _beside(file)
    try:
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(fresh)) as copy:
            old.backup(copy)  # takes along what a killed process left in a journal
        _create_tables(fresh, artifacts)
    except Exception:  # noqa: BLE001  # whatever a half-made file makes of sqlite, SQLAlchemy and Alembic
        _set_aside(file)
        _make(file, artifacts)
    else:
        _put_in_place(fresh, file)


def _create_tables(file: Path, artifacts: Path) -> None:
    """Let MLflow make or migrate the tables of a file that nobody else has open."""
    from mlflow.exceptions import MlflowException
    from mlflow.store.db.utils import _upgrade_db, create_sqlalchemy_engine
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    if file.exists():
        engine = create_sqlalchemy_engine(f"{PREFIX}{file}")
        try:
            _upgrade_db(engine)
        finally:
            engine.dispose()
    store = SqlAlchemyStore(f"{PREFIX}{file}", artifacts.as_uri())
    try:
        store.search_experiments(max_results=1)
        if _revision(file) != _newest_revision():
            raise MlflowException("the tables are not those of this version of MLflow")
    finally:
        store.engine.dispose()
        SqlAlchemyStore._engine_map.pop(f"{PREFIX}{file}", None)  # the next file of this name is another


def _put_in_place(fresh: Path, file: Path) -> None:
    fault_point("mlflow.tables")
    _forget_connections(file)
    for ending in _SIDE_FILES:
        Path(f"{file}{ending}").unlink(missing_ok=True)
    flush(fresh)
    fresh.replace(file)
    flush(file.parent)


def _set_aside(file: Path) -> None:
    """Rename a file that can't be used, with what belongs to it, to the first free name."""
    number = 1
    while (aside := file.with_name(f"{file.name}.broken-{number}")).exists():
        number += 1
    for ending in _SIDE_FILES:
        part = Path(f"{file}{ending}")
        if part.exists():
            part.rename(f"{aside}{ending}")
    file.rename(aside)


def _beside(file: Path) -> Path:
    """Return the name of a file to be made, of which a killed process has left nothing."""
    fresh = file.with_name(f".{file.name}.new")
    for ending in ("", *_SIDE_FILES):
        Path(f"{fresh}{ending}").unlink(missing_ok=True)
    return fresh


def _forget_connections(file: Path) -> None:
    """Close what this process holds open of a file that is about to be another."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    engine = SqlAlchemyStore._engine_map.get(f"{PREFIX}{file}")
    if engine is not None:
        engine.dispose()


def _revision(file: Path) -> str | None:
    """Return the schema's revision that a file says it has; None where it says none."""
    try:
        with closing(sqlite3.connect(file)) as database:
            row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        return None
    return str(row[0]) if row else None


def _newest_revision() -> str:
    from mlflow.store.db.utils import _get_latest_schema_revision

    return str(_get_latest_schema_revision())


def _relocate(file: Path, artifacts: Path) -> None:
    """Rewrite the places below a folder of files that bears the same name and lies elsewhere."""
    place, below = artifacts.as_uri(), re.compile(rf"(file://.*/{re.escape(artifacts.name)})(/.*)?")
    with closing(sqlite3.connect(file, timeout=20)) as database:
        locations = [str(row[0]) for row in database.execute("SELECT artifact_location FROM experiments")]
        formers = {match[1] for match in map(below.fullmatch, locations) if match} - {place}
        with database:
            for former in sorted(formers):
                for table, column in LOCATIONS:
                    database.execute(
                        f"UPDATE {table} SET {column} = ? || substr({column}, ?) "  # nosec B608
                        f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                        (place, len(former) + 1, former, len(former) + 1, f"{former}/"),
                    )
