"""Git, as a command in a folder of the caller's choice."""

import os
import subprocess
from pathlib import Path


def git(folder: Path, *words: str, text: str = "") -> str:
    """Return what a git command prints.

    Variables that point git at another repository have no say, and it asks for no password.

    Args:
        folder: Where it runs.
        words: The command, such as ``"tag", "--list"``.
        text: Its standard input.

    Raises:
        FileNotFoundError: git is not installed.
        subprocess.CalledProcessError: It failed; ``stderr`` holds why.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", *words],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        check=True,
        env={**own, "GIT_TERMINAL_PROMPT": "0"},
    ).stdout
