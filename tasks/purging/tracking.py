"""What MLflow holds of a request: files in which names stand, and runs with its id."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from siu.storage.workspace import Workspace
from tasks.purging.versions import md5s_below
from tasks.versioning.commit import file_md5

ANSWERS = "answers.json"


def artifacts_of_request(
    workspace: Workspace, outputs: Iterable[Path], reports: Iterable[Path]
) -> list[Path]:
    """Return MLflow's copies of files that go, and the samples of answers of runs that are about a request.

    Samples quote answers of the retained concepts too, and no other file says whose they are: all go.
    """
    going = md5s_below([*outputs, *reports])
    return [
        path
        for path in sorted(workspace.mlflow_artifacts.rglob("*"))
        if path.is_file() and (path.name == ANSWERS or file_md5(path) in going)
    ]


def runs_of_request(workspace: Workspace, request_id: str) -> list[str]:
    """Return the ids of MLflow's runs that a parameter, a tag or the name says to be a request's."""
    file = workspace.mlflow_database
    if not file.is_file():
        return []
    with closing(sqlite3.connect(file)) as database:
        tagged = database.execute(
            "SELECT DISTINCT run_uuid FROM tags WHERE value IN (?, ?) OR key = ?",
            (request_id, json.dumps(request_id), f"siu.verdict.{request_id}"),
        )
        rows = {str(row[0]) for row in tagged}
        named = database.execute("SELECT run_uuid FROM runs WHERE name = ?", (request_id,))
        return sorted(rows | {str(row[0]) for row in named})
