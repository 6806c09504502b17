"""What a certificate's release was made from, fetched for a fresh clone: data by DVC, parameters by git."""

import logging
import os
import subprocess
from collections.abc import Sequence
from contextlib import chdir, redirect_stdout
from hashlib import sha256
from io import StringIO
from pathlib import Path

import siu
from siu.config.file import load_params
from siu.config.public import public_params
from siu.errors import SiuError, StateError
from siu.storage.digest import canonical_json
from siu.storage.workspace import Workspace
from tasks.git import git
from tasks.versioning.remotes import missing_package
from tasks.versioning.site_cache import configure_site_cache

DATA = ("data/collection", "data/base_model")
RELEASES = "artifacts/release"
"""What a release that goes on from another one is made from beside the data."""
MOST = 500
"""Versions of params.yaml that are looked at, the newest first."""


def parameters_digest(file: Path) -> str:
    """Return the digest by which the ledger binds the parameters of a file.

    Raises:
        PreflightError: It can't be read or has wrong values.
    """
    text = canonical_json(public_params(load_params(file))) + "\n"
    return sha256(text.encode()).hexdigest()


def code_commit() -> str:
    """Return the commit of the checkout that siu runs from; empty for an installed package."""
    return _git(Path(siu.__file__).resolve().parents[1], "rev-parse", "HEAD").strip()


def fetch_data(workspace: Workspace, names: Sequence[str] = DATA) -> tuple[str, ...]:
    """Pull the collection and the base model by DVC where they are missing; return what was pulled.

    Args:
        workspace: Where.
        names: Its folders that are needed.

    Raises:
        StateError: ``E-CRT-007`` DVC knows them and can't get them; ``E-DVC-001`` the remote wants a package.
    """
    lock = workspace.root / "dvc.lock"
    known = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    missing = [
        name
        for name in names
        if f"path: {name}\n" in known and not any((workspace.root / name).glob("[!.]*"))
    ]
    if not missing:
        return ()
    from dvc.exceptions import DvcException
    from dvc.fs import RemoteMissingDepsError
    from dvc.repo import Repo

    logging.getLogger("dvc").setLevel(logging.ERROR)
    try:
        configure_site_cache(workspace.root)
        with redirect_stdout(StringIO()), chdir(workspace.root), Repo(str(workspace.root)) as repo:
            remote = str(repo.config["core"].get("remote"))
            url = repo.config["remote"].get(remote, {}).get("url", "")
            repo.pull(targets=missing)
    except (ImportError, RemoteMissingDepsError) as error:
        raise missing_package(remote, url, error) from None
    except (DvcException, OSError) as error:
        what = f"DVC can't get {', '.join(missing)} ({type(error).__name__}: {error})"
        remedy = "Name the remote (`dvc remote add --default`), or bring the folders"
        raise StateError("E-CRT-007", what[:400], remedy, str(workspace.root)) from None
    return tuple(missing)


def parameters_of(workspace: Workspace, digest: str) -> str | None:
    """Return the text of ``params.yaml`` with a digest, as it is or was in git; None where there is none."""
    if digest == parameters_digest(workspace.params_file):
        return workspace.params_file.read_text(encoding="utf-8")
    commits = _git(workspace.root, "log", f"--max-count={MOST}", "--format=%H", "--", "params.yaml").split()
    trial = workspace.root / f".params-{os.getpid()}.yaml"
    try:
        for commit in commits:
            text = _git(workspace.root, "show", f"{commit}:./params.yaml")
            trial.write_text(text, encoding="utf-8")
            try:
                if parameters_digest(trial) == digest:
                    return text
            except SiuError:  # of another version of siu
                continue
    finally:
        trial.unlink(missing_ok=True)
    return None


def _git(folder: Path, *words: str) -> str:
    """Return what git says; nothing where there is no git, no repository, or no such thing."""
    try:
        return git(folder, *words)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ""
