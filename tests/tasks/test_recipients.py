"""Recipients of releases: told of the deployed one until they acknowledge it; the ledger knows ids alone."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.program import main
from siu.audit.audit import audit
from siu.audit.ledger import Ledger
from siu.errors import InputError
from siu.storage.workspace import Workspace
from tasks.recipients import note_acknowledged, note_given, notifications, register
from tasks.seal import seal
from tests.tasks.audit.conftest import make_sealed

NAME, ADDRESS = "Example Ltd", "erasure@example.org"


@pytest.fixture
def released(tmp_path: Path) -> Workspace:
    """Release 1 was deployed, then release 2."""
    workspace = make_sealed(tmp_path / "w")
    ledger = Ledger(workspace.ledger)
    for number in (1, 2):
        members = [["r-1", "erased", "standard", []]]
        data = {"number": number, "plan": f"{number:064x}", "parent": None, "members": members}
        ledger.append("release_measured", "", data)
        ledger.append("release_accepted", "", {"number": number, "actor": "ada", "rule": "automatic"})
    seal(workspace)
    return workspace


def test_who_has_an_older_release_is_told_until_they_acknowledge(released: Workspace) -> None:
    register(released, "x-1", NAME, ADDRESS)
    register(released, "x-2", "Other Ltd", "see the contract")
    assert not any(row.is_to_be_told for row in notifications(released)), "they have nothing yet"
    assert note_given(released, "x-1", 1) == 1
    (first, _) = notifications(released)
    assert (first.recipient_id, first.newest, first.is_to_be_told) == ("x-1", 1, True)
    with pytest.raises(InputError, match="E-REL-016"):
        note_acknowledged(released, "x-1")
    assert note_given(released, "x-1") == 2
    assert notifications(released)[0].is_to_be_told, "given is not acknowledged"
    note_acknowledged(released, "x-1")
    assert not any(row.is_to_be_told for row in notifications(released))


def test_no_private_word_reaches_the_ledger_and_a_change_is_found(released: Workspace) -> None:
    register(released, "x-1", NAME, ADDRESS)
    seal(released)
    text = released.ledger.read_text()
    assert NAME not in text
    assert "example.org" not in text
    assert audit(released.root).faults == ()
    file = released.state / "recipients.jsonl"
    assert file.stat().st_mode & 0o077 == 0
    content = file.read_text()
    for changed in (content.replace("Ltd", "Inc"), "", "[]\n", content.replace('"key":"', '"key":"00')):
        file.write_text(changed)
        (fault,) = audit(released.root).faults
        assert (fault.code, fault.place) == ("E-LED-028", "state/recipients.jsonl")
    file.write_text(content)
    assert audit(released.root).faults == ()


@pytest.mark.parametrize(
    ("recipient_id", "name", "address"),
    [
        ("X 1", NAME, ADDRESS),
        ("", NAME, ADDRESS),
        ("x", " ", ADDRESS),
        ("x", NAME, "a\nb"),
        ("x", "n" * 301, "a"),
    ],
)
def test_an_odd_recipient_is_refused(released: Workspace, recipient_id: str, name: str, address: str) -> None:
    with pytest.raises(InputError, match="E-REL-014"):
        register(released, recipient_id, name, address)
    assert not (released.state / "recipients.jsonl").exists()


def test_unknown_recipients_and_releases_are_refused(released: Workspace) -> None:
    register(released, "x-1", NAME, ADDRESS)
    with pytest.raises(InputError, match="E-REL-014"):
        register(released, "x-1", NAME, ADDRESS)
    with pytest.raises(InputError, match="E-REL-015"):
        note_given(released, "x-9")
    with pytest.raises(InputError, match="E-REL-010"):
        note_given(released, "x-1", 7)


def test_the_commands_go_the_whole_way(released: Workspace) -> None:
    place = ["--workspace", str(released.root)]
    assert "Nobody" in CliRunner().invoke(main, ["release", "notify", *place]).output
    for words in (
        ["recipient", "x-1", "--name", NAME, "--address", ADDRESS],
        ["give", "x-1", "--number", "1"],
    ):
        done = CliRunner().invoke(main, ["release", *words, *place])
        assert done.exit_code == 0, done.output
    told = CliRunner().invoke(main, ["release", "notify", *place]).output
    assert "NOTIFY" in told
    assert ADDRESS in told
    for words in (["give", "x-1"], ["acknowledge", "x-1"]):
        assert CliRunner().invoke(main, ["release", *words, *place]).exit_code == 0
    (row,) = json.loads(CliRunner().invoke(main, ["release", "notify", "--json", *place]).output)
    assert (row["newest"], row["acknowledged"], row["to_be_told"]) == (2, 2, False)
