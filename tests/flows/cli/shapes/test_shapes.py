"""What commands print with ``--json`` is what docs/reference/json.md says, field by field."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from flows.cli.program import main
from flows.cli.shapes import SHAPES, check_output
from flows.cli.shapes.page import PAGE, SCHEMAS, json_page, schemas
from siu.storage.workspace import Workspace
from tests.flows.batches import run

ROOT = Path(__file__).parents[4]
REFERENCE = ROOT / "docs" / "reference"
LIGHT = {
    "siu status": (),
    "siu request list": (),
    "siu request show": ("r-0",),
    "siu concepts": (),
    "siu release list": (),
    "siu release show": ("1",),
    "siu release diff": ("1", "1"),
    "siu report": (),
    "siu verify": (),
    "siu keys show": (),
}
"""Commands that read a workspace, with their arguments; what those print that ask models is held against its
shape where they are tested."""


def printed(workspace: Workspace, command: str, *arguments: str) -> str:
    words = (*command.split()[1:], *arguments, "--json", "--workspace", str(workspace.root))
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def with_json(group: click.Group, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from with_json(command, f"{path} {name}")
        elif any("--json" in parameter.opts for parameter in command.params):
            yield f"{path} {name}"


def test_every_command_with_the_option_has_a_shape() -> None:
    assert set(with_json(main, "siu")) == SHAPES.keys()


def test_what_is_read_of_a_workspace_has_its_shape(standing: Workspace) -> None:
    run(standing)
    for command, arguments in LIGHT.items():
        check_output(command, printed(standing, command, *arguments))
    summary = json.loads(printed(standing, "siu report"))
    check_output("siu batch", json.dumps({**summary, "failures": []}))
    check_output("siu forget", json.dumps({**summary, "failures": []}))


def test_an_import_has_its_shape(standing: Workspace) -> None:
    check_output(
        "siu request import", printed(standing, "siu request import", str(standing.root / "requests.csv"))
    )


def test_the_self_check_that_reports_quote_has_its_shape() -> None:
    check_output("siu bench self-check", (ROOT / "siu" / "report" / "self_check.json").read_text())


def test_a_batch_that_ended_early_has_its_shape() -> None:
    check_output("siu batch", '{"failures": [], "notes": ["not versioned"]}')


@pytest.mark.parametrize(
    "wrong",
    [
        "[]",
        '{"name": "n", "id": "0a"}',
        '{"name": "n", "id": "0a", "key": 1}',
        '{"name": 1, "id": "0a", "key": "k"}',
    ],
)
def test_a_missing_field_and_another_type_are_no_such_shape(wrong: str) -> None:
    with pytest.raises(ValidationError):
        check_output("siu keys show", wrong)


def test_a_field_more_is_no_such_shape() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        check_output("siu keys show", '{"name": "n", "id": "0a", "key": "k", "private": "k"}')


def test_page_and_schemas_are_made_of_the_shapes() -> None:
    remedy = "run `python -m flows.cli.shapes.page docs/reference`"
    assert (REFERENCE / PAGE).read_text(encoding="utf-8") == json_page(), remedy
    assert json.loads((REFERENCE / SCHEMAS).read_text(encoding="utf-8")) == schemas(), remedy
