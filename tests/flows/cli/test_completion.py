"""A shell completes `siu` with the script that it prints."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli.completion import SHELLS

BIN = Path(sys.executable).parent
TYPED = """
eval "$(siu completion bash)"
COMP_WORDS=({words} "")
COMP_CWORD={place}
COMP_WORDS[{place}]="{typed}"
_siu_completion siu
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def completed(*words: str) -> set[str]:
    """What bash offers for the last of some words."""
    script = TYPED.format(words=" ".join(words[:-1]), place=len(words) - 1, typed=words[-1])
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", "--norc", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_commands_and_options() -> None:
    assert completed("siu", "rel") == {"release"}
    assert {"list", "show", "accept"} <= completed("siu", "release", "")
    assert "--json" in completed("siu", "status", "--")


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_its_script(shell: str) -> None:
    done = subprocess.run([BIN / "siu", "completion", shell], capture_output=True, text=True, check=True)
    assert "_SIU_COMPLETE" in done.stdout
    assert "siu" in done.stdout
