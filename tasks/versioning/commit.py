"""DVC: one serialised commit of everything the stages published. DVC versions; it never decides a skip."""

import hashlib
import logging
import os
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path

from siu.storage.fault_points import fault_point
from siu.storage.workspace import Workspace
from tasks.stages import DECLARED
from tasks.versioning.site_cache import configure_site_cache

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
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)
    try:
        configure_site_cache(workspace.root)
        # DVC takes what is not below the current folder for foreign.
        with (
            redirect_stdout(StringIO()),
            chdir(workspace.root),
            Repo(str(workspace.root), _wait_for_lock=True) as repo,
        ):
            fault_point("dvc.commit")
            repo.commit(force=True, allow_missing=True)
    except (DvcException, OSError) as error:
        return f"not versioned: {error}"
    return None


def file_md5(path: Path) -> str:
    """Return the md5 under which DVC keeps a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
