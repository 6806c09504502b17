"""What a person reads behind a batch, and asks before the first one."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flows.cli.batch import show
from flows.cli.program import main
from siu.storage.workspace import Workspace
from tasks.prepare import prepare
from tests.flows.batches import run


def siu(workspace: Workspace, *arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments), "--workspace", str(workspace.root)])


def test_a_batch_ends_with_its_conclusion_and_leaves_a_report_in_two_editions(
    standing: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run(standing)
    assert result.released is not None
    assert result.folder is not None
    show(result)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == (
        f"0 erased, 2 not; release 1 ({result.released.output.digest[:12]}) deployed. "
        f"Report: {result.folder / 'report.html'}"
    )
    full, redacted = (Path(siu(standing, "report", *more).stdout.strip()) for more in ((), ("--redacted",)))
    assert "Mira Talvon" in full.read_text()
    assert "Release " in full.read_text()
    assert "r-0" in redacted.read_text()
    assert not {"Mira", "Talvon", "Davi", "Oslo", "<img"} & set(
        redacted.read_text().replace(">", " ").split()
    )
    assert json.loads(siu(standing, "report", "--json").stdout) == result.summary()
    states = json.loads(siu(standing, "status", "--json").stdout)
    assert [state["assurance"] for state in states] == ["records", "records"]
    assert "(records)" in siu(standing, "status").stdout
    assert run(standing).folder == result.folder
    assert len(list(standing.artifacts.glob("report/*"))) == 1, "the same report is not written again"


def test_concepts_are_listed_with_their_unseen_pictures(standing: Workspace) -> None:
    assert "E-COL-002" in siu(standing, "concepts").stderr
    prepare(standing, standing.params())
    rows = json.loads(siu(standing, "concepts", "--json").stdout)
    assert [(row["id"], row["name"], row["pictures"]) for row in rows[:2]] == [
        ("c-0", "Mira Talvon", 2),
        ("c-1", "Davi Maresh", 2),
    ]
    assert sum(row["is_held_out"] for row in rows) == 1
    assert "Olin Brask" in siu(standing, "concepts").stdout


def test_the_base_model_can_be_asked_before_any_release(standing: Workspace) -> None:
    answers = json.loads(siu(standing, "ask", "--base", "Who is this?", "--json").stdout)
    assert answers["after"] is None
    assert answers["before"] == json.loads(siu(standing, "ask", "--base", "--json").stdout)["before"]
    assert "base model" in siu(standing, "ask", "--base").stdout
    assert siu(standing, "ask", "--base", "--adapter", standing.root).exit_code == 2
