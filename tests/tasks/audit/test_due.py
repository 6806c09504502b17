"""What is purged by itself: by each request's own policy, else the general one; what was killed goes on."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.settings import PREFECT_HOME, temporary_settings
from pydantic import ValidationError

from flows.cli.program import main
from flows.orchestration.server import prefect_server
from flows.purge import purge_in_counts, purged_by_policy
from siu.audit.audit import audit
from siu.audit.dsse import open_envelope
from siu.audit.ledger import Ledger
from siu.config.service import PolicyParams
from siu.data.requests.life import today
from siu.errors import InputError, PreflightError
from siu.storage.workspace import Workspace
from tasks.batch_lock import only_batch
from tasks.known_requests import records_of
from tasks.purging import databases
from tasks.purging import purge as module
from tasks.purging.due import due, due_by_policy
from tasks.purging.purge import purge
from tasks.requests import add_request
from tests.tasks.audit.conftest import write

TABLE = "request_id,name,image,policy\nr-1,Ilka Morwen,requests/0.png,{}\n"


def events(workspace: Workspace, request_id: str) -> list[str]:
    return [entry.event for entry in Ledger(workspace.ledger).entries() if entry.request_id == request_id]


@pytest.mark.parametrize(
    ("general", "own", "expected"),
    [
        ("keep", "", []),
        ("keep", "purge", ["r-1"]),
        ("purge", "keep", ["r-2"]),
        ("purge", "", ["r-1", "r-2"]),
        ("purge", "Purge", ["r-1", "r-2"]),
    ],
)
def test_a_requests_own_policy_comes_first(
    sealed: Workspace, general: str, own: str, expected: list[str]
) -> None:
    policy = f"policy: {{after_release: {general}}}\n"
    write(sealed.root, "params.yaml", f"release: {{strategy: sequential}}\n{policy}")
    write(sealed.root, "requests.csv", TABLE.format(own))
    assert due(sealed) == expected


PURGE_ALL = "release: {strategy: sequential}\npolicy: {after_release: purge}\n"


@pytest.mark.parametrize(
    "rows",
    [
        b"request_id,name,image,policy\nr-1,\xd0\xcf,a.png,keep\n",
        b'request_id,name,image,policy\nr-1,Ilka Morwen,a.png,"keep\n',
        b"request_id,name,image,rules\nr-1,Ilka Morwen,a.png,keep\n",
    ],
)
def test_a_policy_that_cant_be_read_purges_nobody(sealed: Workspace, rows: bytes) -> None:
    write(sealed.root, "params.yaml", PURGE_ALL)
    (sealed.root / "requests.csv").write_bytes(rows)
    with pytest.raises(InputError, match="E-CSV-00"):
        due_by_policy(sealed)
    (note,) = purged_by_policy(sealed)
    assert note.startswith("nothing is purged by policy, as nobody can tell what is due: E-CSV-00")
    assert "(E-CSV-00" in purge_in_counts(sealed)
    assert "Ilka" not in purge_in_counts(sealed)
    assert len(list((sealed.root / "requests").glob("*.png"))) == 2


def test_a_row_whose_policy_nobody_can_tell_keeps(sealed: Workspace) -> None:
    write(sealed.root, "params.yaml", PURGE_ALL)
    write(sealed.root, "requests.csv", "request_id,name,image,policy\nr-1,Ilka,Morwen,requests/0.png,keep\n")
    assert due(sealed) == ["r-2"]
    write(sealed.root, "requests.csv", f"{TABLE.format('keep')}r-1,Ilka Morwen,requests/0.png,purge\n")
    assert due(sealed) == ["r-2"], "one of two rows keeps it"
    (sealed.root / "requests.csv").unlink()
    assert due(sealed) == ["r-1", "r-2"], "no table has no policy"


def test_what_is_due_is_purged_by_itself_and_once(sealed: Workspace) -> None:
    write(sealed.root, "params.yaml", "release: {strategy: sequential}\npolicy: {after_release: purge}\n")
    notes = purged_by_policy(sealed)
    assert [note.split(",")[0] for note in notes] == ["r-1 is purged", "r-2 is purged"]
    assert purged_by_policy(sealed) == ()
    assert audit(sealed.root).faults == ()
    assert not list((sealed.root / "requests").glob("*.png"))


def test_a_purge_that_was_killed_goes_on_whatever_the_policy_says(
    sealed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "_remove", killed)
        with pytest.raises(KeyboardInterrupt):
            purge(sealed, "r-1")
    assert events(sealed, "r-1")[-1] in ("purge_begun", "certified")
    assert due(sealed) == ["r-1"]
    purged_by_policy(sealed)
    assert "purged" in events(sealed, "r-1")
    assert due(sealed) == []


def test_a_purge_that_fails_is_noted(sealed: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    write(sealed.root, "params.yaml", "release: {strategy: sequential}\npolicy: {after_release: purge}\n")

    def in_use(_workspace: Workspace) -> None:
        raise OSError("disk is full")

    monkeypatch.setattr(module, "forget_texts", in_use)
    assert all("is not purged yet" in note for note in purged_by_policy(sealed))
    goes_on = "the next run, or `siu purge`, goes on with r-1, r-2"
    assert purge_in_counts(sealed) == f"0 of 2 due requests purged; {goes_on}"
    monkeypatch.undo()
    with only_batch(sealed):
        assert purge_in_counts(sealed).startswith("0 of 2"), "another run is at work, and purges"
    assert all("is purged" in note for note in purged_by_policy(sealed))
    assert purge_in_counts(sealed) == ""


def test_a_purge_reaches_the_database_of_a_server_that_runs(
    sealed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(sealed.root, "params.yaml", "release: {strategy: sequential}\npolicy: {after_release: purge}\n")
    monkeypatch.setenv("PREFECT_HOME", str(sealed.prefect_home))

    @flow
    def verdicts() -> None:
        create_markdown_artifact("Ilka Morwen", key="verdict")

    def files_with_name() -> set[str]:
        files = (file for file in sealed.prefect_home.rglob("*") if file.is_file())
        return {file.name for file in files if b"Ilka Morwen" in file.read_bytes()}

    with temporary_settings({PREFECT_HOME: sealed.prefect_home}), prefect_server():
        verdicts()
        assert files_with_name()
        assert purge_in_counts(sealed) == "2 of 2 due requests purged"
        assert files_with_name() == set()


def test_a_purge_beside_a_server_that_writes_is_noted_and_goes_on(
    sealed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(sealed.root, "params.yaml", PURGE_ALL)
    monkeypatch.setattr(databases, "LOCK_SECONDS", 0.1)
    sealed.prefect_home.mkdir()
    server = sqlite3.connect(sealed.prefect_home / "prefect.db", isolation_level=None)
    server.execute("CREATE TABLE log (message TEXT)")
    server.execute("BEGIN IMMEDIATE")
    try:
        first, *_ = purged_by_policy(sealed)
        assert first.startswith("r-1 is not purged yet, `siu purge r-1` goes on: E-PRG-003")
    finally:
        server.close()
    assert purge_in_counts(sealed) == "2 of 2 due requests purged"


def test_backups_stand_in_the_table_with_the_day_they_expire(sealed: Workspace) -> None:
    write(sealed.root, "params.yaml", "policy: {backups: ['nightly=35', 'tape=90']}\n")
    purge(sealed, "r-1")
    (file,) = (sealed.root / "certificates").glob("r-1-*.json")
    table = open_envelope(file.read_bytes())[0]["predicate"]["purge"]["table"]
    day = today() + timedelta(35)
    place = f"backup nightly: its last set with these data expires on {day}"
    assert {"place": place, "action": "not reached", "count": 0} in table
    assert sum(row["place"].startswith("backup ") for row in table) == 2
    assert str(day) in file.with_suffix(".html").read_text()


@pytest.mark.parametrize("text", ["nightly", "=3", "nightly=0", "nightly=soon", "a\nb=3", "nightly=123456"])
def test_an_odd_backup_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        PolicyParams(backups=(text,))


def test_a_policy_comes_with_a_request(sealed: Workspace, tmp_path: Path) -> None:
    from PIL import Image

    Image.effect_noise((16, 16), 90).convert("RGB").save(tmp_path / "a.png")
    asked = {"name": "Suna Keld", "kind": "person"}
    added = add_request(sealed, {**asked, "policy": "purge"}, tmp_path / "a.png")
    assert records_of(sealed).read().added[added].policy == "purge"
    with pytest.raises(PreflightError, match="E-REQ-029"):
        add_request(sealed, {**asked, "name": "Ada Berg", "policy": "burn"}, tmp_path / "a.png")


def test_nothing_due_is_told(sealed: Workspace) -> None:
    with pytest.raises(InputError, match="E-PRG-002"):
        due_by_policy(sealed)
    done = CliRunner().invoke(main, ["purge", "--workspace", str(sealed.root)])
    assert (done.exit_code, "E-PRG-002" in done.output) == (2, True)


def test_what_is_purged_is_told_once_and_then_that_nothing_is_due(sealed: Workspace) -> None:
    write(sealed.root, "params.yaml", PURGE_ALL)
    write(sealed.root, "letter.txt", "Dear Ilka Morwen")

    def told(*options: str) -> list[str]:
        done = CliRunner().invoke(main, ["purge", "--workspace", str(sealed.root), *options])
        assert done.exit_code == 0, done.output
        return done.output.splitlines()

    letter = f"{sealed.root / 'letter.txt'}: yours, shows the request, and stays; remove it yourself"
    assert {"r-1: would go", "r-2: would go", letter} <= set(told("--dry-run"))
    assert {"r-1: purged", "r-2: purged", letter} <= set(told())
    assert told() == ["nothing is due"]
