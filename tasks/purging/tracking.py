"""What MLflow holds of a request: files in which names stand, and runs with its id."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from siu.storage.workspace import Workspace
from tasks.purging.databases import unusable
from tasks.purging.versions import md5s_below
from tasks.tracking.location import artifacts_of, own_tag, tracking_file
from tasks.tracking.runs import WORKSPACE_TAG
from tasks.versioning.commit import file_md5

ANSWERS = "answers.json"


def mlflow_file(workspace: Workspace) -> Path | None:
    """Return the SQLite file that MLflow keeps its runs in; None where it has a server."""
    return tracking_file(workspace, workspace.params().tracking)


def artifacts_of_request(
    workspace: Workspace, outputs: Iterable[Path], reports: Iterable[Path]
) -> list[Path]:
    """Return MLflow's copies of files that go, and the samples of answers of runs that are about a request.

    Samples quote answers of the retained concepts too, and no other file says whose they are: all go. Of a
    database that other workspaces may use, only files of this workspace's runs are looked at.

    Raises:
        StateError: ``E-PRG-003`` the database can't be read.
    """
    file = mlflow_file(workspace)
    if file is None:
        return []
    going = md5s_below([*outputs, *reports])
    own = None if _is_own(workspace, file) else set(_runs_of_workspace(workspace, file))
    return [
        path
        for path in sorted(artifacts_of(workspace, file).rglob("*"))
        if path.is_file()
        and (own is None or not own.isdisjoint(path.parts))
        and (path.name == ANSWERS or file_md5(path) in going)
    ]


def runs_of_request(workspace: Workspace, request_id: str) -> list[str]:
    """Return the ids of the workspace's runs that a parameter, a tag or the name says to be a request's.

    Raises:
        StateError: ``E-PRG-003`` the database can't be read.
    """
    file = mlflow_file(workspace)
    if file is None or not file.is_file():
        return []
    tagged = _rows(
        file,
        "SELECT DISTINCT run_uuid FROM tags WHERE value IN (?, ?) OR key = ?",
        (request_id, json.dumps(request_id), f"siu.verdict.{request_id}"),
    )
    named = _rows(file, "SELECT run_uuid FROM runs WHERE name = ?", (request_id,))
    runs = {*tagged, *named}
    return sorted(runs if _is_own(workspace, file) else runs & set(_runs_of_workspace(workspace, file)))


def _is_own(workspace: Workspace, file: Path) -> bool:
    """Return whether no other workspace writes to a database."""
    return file.is_relative_to(workspace.root)


def _runs_of_workspace(workspace: Workspace, file: Path) -> list[str]:
    if not file.is_file():
        return []
    tag = (WORKSPACE_TAG, own_tag(workspace, file))
    return _rows(file, "SELECT run_uuid FROM tags WHERE key = ? AND value = ?", tag)


def _rows(file: Path, query: str, values: Sequence[str]) -> list[str]:
    try:
        with closing(sqlite3.connect(file)) as database:
            return [str(row[0]) for row in database.execute(query, values)]
    except sqlite3.Error as error:
        raise unusable(file, f"can't be read: {error}") from error
