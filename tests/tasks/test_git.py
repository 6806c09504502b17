"""Git goes where the caller says and reaches remotes as the user says; it asks nothing and ends."""

import subprocess
from pathlib import Path

import pytest

from tasks.git import AUTHOR, git, push

SSH = '#!/bin/sh\necho "$0 $*" >> {log}\nexec sleep {seconds}\n'
FAR = "ssh://nobody@far.example/r.git"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, *AUTHOR, "commit", "--quiet", "--allow-empty", "--message", "first")
    git(folder, "tag", "v1")
    return folder


def fake_ssh(folder: Path, log: Path, name: str = "ssh", seconds: float = 0) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(SSH.format(log=log, seconds=seconds))
    program.chmod(0o755)
    return program


def test_variables_of_another_repository_have_no_say(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    assert git(repository, "tag", "--list") == "v1\n"


@pytest.mark.parametrize("variable", ["GIT_SSH_COMMAND", "GIT_SSH", "core.sshCommand"])
def test_the_users_own_ssh_is_used_as_it_is(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    own = fake_ssh(tmp_path / "own", tmp_path / "log", "own")
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    if variable == "core.sshCommand":
        git(repository, "config", variable, str(own))
    else:
        monkeypatch.setenv(variable, str(own))
    with pytest.raises(subprocess.CalledProcessError):
        push(repository, FAR, "refs/tags/v1")
    told = (tmp_path / "log").read_text()
    assert told.startswith(str(own))
    assert "BatchMode" not in told


def test_ssh_asks_no_questions_where_the_user_says_nothing(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{fake_ssh(tmp_path / 'bin', tmp_path / 'log').parent}:/usr/bin:/bin"
    monkeypatch.setenv("PATH", path)
    for name in ("GIT_SSH_COMMAND", "GIT_SSH"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(subprocess.CalledProcessError):
        push(repository, FAR, "refs/tags/v1")
    assert "-oBatchMode=yes" in (tmp_path / "log").read_text()


def test_a_remote_that_says_nothing_is_not_waited_for(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = fake_ssh(tmp_path / "slow", tmp_path / "log", seconds=3)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(slow))
    monkeypatch.setattr("tasks.git.TIMEOUT_SECONDS", 0.5)
    with pytest.raises(subprocess.TimeoutExpired):
        push(repository, FAR, "refs/tags/v1")
