"""DVC: one serialised commit of everything the stages published. DVC versions; it never decides a skip."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from siu.storage.fault_points import fault_point
from siu.storage.workspace import Workspace
from tasks.stages import DECLARED

FOLDERS = ("requests", "metrics", "plots")
"""Those of dvc.yaml that no stage fills with outputs of its own."""


def run_by_dvc() -> bool:
    """Return whether this process is a stage of ``dvc repro``, which commits by itself."""
    return "DVC_STAGE" in os.environ


def make_output_folders(workspace: Workspace) -> None:
    """Make the folders that dvc.yaml names, so that a stage without a result leaves an empty one."""
    for name in dict.fromkeys((*FOLDERS, *(folder for stage in DECLARED for folder in stage.folders))):
        (workspace.root / name).mkdir(parents=True, exist_ok=True)


def commit(workspace: Workspace) -> str | None:
    """Record all outputs of ``dvc.yaml`` as they are; return why that was not possible, or None.

    Not being able to version is no reason to fail: the outputs are published in any case.
    """
    if run_by_dvc():
        return None
    if not (workspace.root / ".dvc").is_dir() or not (workspace.root / "dvc.yaml").is_file():
        return "not versioned: there is no .dvc or dvc.yaml here; `siu init` makes them"
    try:
        fault_point("dvc.commit")
    except OSError as error:
        return f"not versioned: {error}"
    command = (sys.executable, "-m", "tasks.versioning.commit_process", os.fspath(workspace.root))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    lines = (done.stdout or done.stderr).strip().splitlines() or [f"DVC ended with {done.returncode}"]
    return f"not versioned: {lines[-1]}"


def file_md5(path: Path) -> str:
    """Return the md5 under which DVC keeps a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
