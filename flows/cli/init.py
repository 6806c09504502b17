"""`siu init`: a workspace with parameters, an empty table of requests, git and DVC."""

import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

from flows.dvc_yaml import dvc_yaml
from siu.config.file import write_default_params
from siu.config.params import BaseModelParams
from siu.config.recipe import suiting_preset
from siu.data.intake.requests import OPTIONAL, REQUIRED
from siu.errors import InputError, StateError
from siu.storage.private import close_to_others
from siu.storage.workspace import Workspace
from siu.worlds import models
from tasks.git import AUTHOR, git, git_environment
from tasks.versioning.commit import make_output_folders
from tasks.versioning.site_cache import configure_site_cache, site_cache_environment

IGNORED = """\
# What `siu` makes; DVC versions the results. Requests hold names and stay out of git.
/data/
/artifacts/
/records/
/requests/
/requests.csv
/reports/
/plots/
/state/
/mlflow.db*
/.mlflow.db.new*
/mlartifacts/
/.prefect/
/.dvc-site/
"""
EMPTY_TABLE = ",".join((*REQUIRED, *OPTIONAL)) + "\n"
TRACKED = ("params.yaml", "dvc.yaml", ".gitignore", ".dvc", ".dvcignore")


def init(folder: Path, preset: str | None = None, model: str | None = None) -> Workspace:
    """Make a workspace of a folder, leaving alone what is there already.

    A folder that is not the root of a git repository becomes one, with a first commit, since DVC's
    experiments and comparisons need it; without git DVC is set up to do without.

    Args:
        folder: The folder.
        preset: Whose values params.yaml gets; None for those that suit the model's size.
        model: The base model: a folder, or one of siu's own; None for the embedded one.

    Raises:
        InputError: ``E-WSP-003`` a preset or a model is named, and the folder has a params.yaml.
        ModelError: The model can't be used.
        StateError: ``E-WSP-004`` git failed.
    """
    file = Workspace(folder.resolve()).params_file
    if (preset or model) and file.exists():
        setting = f"`preset: {preset}`" if preset else f"`base_model: {{source: {model}}}`"
        remedy = f"Write {setting} into it and remove the keys that shall have its values"
        raise InputError("E-WSP-003", "the file is there already and stays as it is", remedy, str(file))
    if model is not None:
        source = model if model in models() else str(Path(model).resolve())
        preset = preset or fitting_preset(source)
        workspace = lay_out(folder, preset, {"base_model": {"source": source}})
    else:
        workspace = lay_out(folder, preset)
    put_under_version_control(workspace.root)
    return workspace


def fitting_preset(model: str) -> str | None:
    """Return the preset that suits a base model's size; None where the defaults do.

    Raises:
        ModelError: The model can't be used.
    """
    from siu.models.preview import count_parameters

    return suiting_preset(count_parameters(BaseModelParams(source=model)))


def lay_out(folder: Path, preset: str | None = None, changes: dict[str, Any] | None = None) -> Workspace:
    """Make a workspace's files and folders, leaving alone what is there already.

    Args:
        folder: Where.
        preset: Whose values params.yaml gets; None for the defaults.
        changes: Values that stand above those.
    """
    folder.mkdir(parents=True, exist_ok=True)
    workspace = Workspace(folder.resolve())
    if not workspace.params_file.exists():
        write_default_params(workspace.params_file, preset, changes)
    _write_new(workspace.root / "requests.csv", EMPTY_TABLE)
    _write_new(workspace.root / ".gitignore", IGNORED)
    _write_new(workspace.root / "dvc.yaml", dvc_yaml())
    make_output_folders(workspace)
    close_to_others(workspace.root)
    return workspace


def _write_new(path: Path, text: str) -> None:
    if not path.exists():
        path.write_text(text, encoding="utf-8")


def put_under_version_control(root: Path) -> None:
    """Set up git and DVC unless they are set up.

    Raises:
        StateError: ``E-WSP-004`` git failed.
    """
    has_git = shutil.which("git") is not None
    is_new = has_git and not (root / ".git").exists()
    if is_new:
        _git(root, "init", "--quiet")
    if not (root / ".dvc").is_dir():
        dvc = (sys.executable, "-m", "dvc")
        own = {"DVC_NO_ANALYTICS": "1", **site_cache_environment(root)}
        environment = {**(git_environment() if has_git else os.environ), **own}
        command = (*dvc, "init", "--quiet", *([] if has_git else ["--no-scm"]))
        subprocess.run(command, cwd=root, check=True, env=environment, stdout=subprocess.DEVNULL)
        _switch_analytics_off(root / ".dvc/config")
    configure_site_cache(root)
    if is_new:
        _git(root, "add", *TRACKED)
        _git(root, *AUTHOR, "commit", "--quiet", "--message", "A workspace of siu")


def _switch_analytics_off(file: Path) -> None:
    """Write what ``dvc config core.analytics false`` would, which takes as long as ``dvc init``."""
    config = ConfigParser()
    config.read(file, encoding="utf-8")
    config.read_dict({"core": {"analytics": "false"}})
    with file.open("w", encoding="utf-8") as written:
        config.write(written)


def _git(root: Path, *words: str) -> None:
    """Run a command of git.

    Raises:
        StateError: ``E-WSP-004`` it failed.
    """
    try:
        git(root, *words)
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["it says nothing"])[-1]
        remedy = "Mend that and start again, or remove .git"
        raise StateError("E-WSP-004", f"git failed: {reason[:200]}", remedy, str(root)) from None
