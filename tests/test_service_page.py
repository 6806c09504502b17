"""Every command of the page about the service does what the page says, in its order."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from flows.cli.program import main
from siu.storage.workspace import Workspace
from tasks.releases import all_releases
from tests.flows.batches import change, run
from tests.flows.conftest import standing, template

__all__ = ["standing", "template"]
PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "run-as-a-service.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    return [shlex.split(line) for block in BLOCK.findall(PAGE.read_text()) for line in block.splitlines()]


def write_files(folder: Path) -> None:
    for number, name in enumerate(("mira", "may", "dsr")):
        image = Image.new("RGB", (16, 16), (number, 90, 160))
        image.putpixel((0, 0), (255, 255, 255))
        image.save(folder / f"{name}.png")
    (folder / "may.csv").write_text("request_id,name,image\nm-1,Davi Maresh,may.png\n")
    request = {
        "subject_request_id": "d-1",
        "subject_request_type": "erasure",
        "extensions": {"siu": {"name": "Olin Brask", "image": "dsr.png"}},
    }
    (folder / "dsr.json").write_text(json.dumps(request))


def test_every_command_of_the_page_does_what_it_says(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(standing.root)
    write_files(standing.root)
    shutil.move(standing.root / "requests.csv", standing.root / "other.csv")
    (standing.root / "requests.csv").write_text("request_id,name,image\n")
    done = 0
    for command in commands():
        assert command[0] == "siu"
        if command[1:3] == ["release", "list"]:
            change(standing, "release", acceptance="by_person")
            run(standing)
        if command[1:3] == ["release", "diff"]:
            change(standing, "release", acceptance="automatic")
            change(standing, "unlearning", steps=3)
            run(standing)
        result = CliRunner().invoke(main, command[1:])
        assert result.exit_code == 0, (command, result.output)
        done += 1
    assert done >= 12
    assert {number: release.state for number, release in all_releases(standing).items()} == {
        1: "deployed",
        2: "rolled_back",
    }
