"""Git, as a command in a folder of the caller's choice."""

import os
import subprocess
from functools import cache
from pathlib import Path

AUTHOR = ("-c", "user.name=siu", "-c", "user.email=siu@localhost")
"""Who makes commits and tags."""
TIMEOUT_SECONDS = 120.0
SSH = "ssh -oBatchMode=yes"


def git(folder: Path, *words: str, text: str = "") -> str:
    """Return what a git command prints.

    Variables that point git at another repository have no say; those that say how it reaches a remote have.
    It asks for no password.

    Args:
        folder: Where it runs.
        words: The command, such as ``"tag", "--list"``.
        text: Its standard input.

    Raises:
        FileNotFoundError: git is not installed.
        subprocess.CalledProcessError: It failed; ``stderr`` holds why.
        subprocess.TimeoutExpired: It takes longer than `TIMEOUT_SECONDS`.
    """
    return _run(folder, words, git_environment(), text)


def push(folder: Path, remote: str, reference: str) -> None:
    """Push a branch or tag.

    Unless the user says otherwise (``GIT_SSH_COMMAND``, ``GIT_SSH``, ``core.sshCommand``) ssh asks for no
    password either.

    Args:
        folder: Where the repository is.
        remote: Where to.
        reference: What, such as ``refs/tags/v1``.

    Raises:
        subprocess.CalledProcessError: Of this and the others see `git`.
    """
    environment = git_environment()
    own = _run(folder, ("config", "--default", "", "--get", "core.sshCommand"), environment).strip()
    if not own and "GIT_SSH" not in environment:
        environment.setdefault("GIT_SSH_COMMAND", SSH)
    _run(folder, ("push", "--quiet", "--", remote, reference), environment)


def git_environment() -> dict[str, str]:
    """Return the environment without what points git at another repository than that of the folder."""
    local = _local_variables()
    own = {name: value for name, value in os.environ.items() if name not in local}
    return {**own, "GIT_TERMINAL_PROMPT": "0"}


@cache
def _local_variables() -> frozenset[str]:
    listed = subprocess.run(
        ["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=True
    )
    return frozenset(listed.stdout.split())


def _run(folder: Path, words: tuple[str, ...], environment: dict[str, str], text: str = "") -> str:
    return subprocess.run(
        ["git", *words],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        timeout=TIMEOUT_SECONDS,
    ).stdout
