"""The worked example of docs/how-to/own-data.md, from nothing to a report, with the page's commands."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from siu.worlds.logos.icons import available

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/how-to/own-data.md"

pytestmark = pytest.mark.skipif(not available(), reason="the extra world-logos is not installed")


def commands() -> list[str]:
    """Return the commands of the worked example, one a line, without the installation."""
    section = PAGE.read_text(encoding="utf-8").partition("## A worked example")[2]
    blocks = re.findall(r"^```\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).splitlines()
    return [line for line in lines if not line.startswith(("#", "make "))]


def run(command: str, folder: Path) -> str:
    """Run a line of the page in a folder that stands beside the examples, as the checkout's own would."""
    environment = {**os.environ, "PYTHONPATH": os.fspath(ROOT), "OMP_NUM_THREADS": "1"}
    environment["PATH"] = os.pathsep.join((os.fspath(Path(sys.executable).parent), environment["PATH"]))
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_example_draws_equal_pictures_twice(tmp_path: Path) -> None:
    script = ROOT / "examples/own-logos/draw.py"
    for name in ("a", "b"):
        run(f"python {script} {name}", tmp_path)
    files = sorted(file.relative_to(tmp_path / "a") for file in (tmp_path / "a").rglob("*") if file.is_file())
    assert len(files) > 200
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.slow
def test_the_pages_commands_lead_from_nothing_to_a_report(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for command in commands():
        run(command, tmp_path)
    (summary,) = (tmp_path / "work/reports").rglob("summary.json")
    (concept,) = json.loads(summary.read_text(encoding="utf-8"))["concepts"]
    assert concept["before"]["generality_em"] < 0.5, "the model knows the brand"
    assert concept["after"]["generality_em"] > 0.9
    assert (summary.parent / "report.html").is_file()
