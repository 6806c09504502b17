"""Releases where people find them: a copy of the adapter below ``state/models/``, and which one is latest."""

import json
import shutil
from pathlib import Path

from siu.durable import replace_text
from siu.errors import InputError
from siu.workspace import Workspace
from tasks.job import Job
from tasks.outcome import Released
from tasks.release import members
from tasks.unlearn import ADAPTER

LATEST = "latest.json"
SHORT = 12


def deploy(job: Job, released: Released) -> Path:
    """Copy the release's adapter to ``state/models/<plan>`` and name it the latest one."""
    models = job.workspace.models
    folder = models / released.output.digest[:SHORT]
    if not folder.is_dir():
        partial = models / f".{folder.name}.new"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(released.output.folder / ADAPTER, partial)
        partial.rename(folder)
    content = {"folder": folder.name, "plan": released.output.digest, "requests": members(released.subject)}
    replace_text(models / LATEST, json.dumps(content, indent=2) + "\n")
    return folder


def chosen_adapter(workspace: Workspace, adapter: Path | None) -> Path:
    """Return the adapter that the user names, or else the latest release's.

    Raises:
        InputError: ``E-ASK-001`` none is named, and nothing is released yet.
    """
    chosen = adapter or latest_adapter(workspace)
    if chosen is None:
        raise InputError(
            "E-ASK-001", "nothing is released here yet", "Run `siu batch`, or name an --adapter folder"
        )
    return chosen


def latest_adapter(workspace: Workspace) -> Path | None:
    """Return the folder of the latest release's adapter, or None."""
    file = workspace.models / LATEST
    if not file.is_file():
        return None
    return workspace.models / str(json.loads(file.read_text(encoding="utf-8"))["folder"])
