"""What a purge is asked for, what it refuses, and that a request put in again is purged again."""

import sqlite3
from pathlib import Path

import pytest

from siu.audit.audit import audit
from siu.audit.commitment import opening_file, write_opening
from siu.audit.ledger import Ledger
from siu.errors import InputError, StateError
from siu.storage.workspace import Workspace
from tasks.purging.databases import forget_rows, rewrite
from tasks.purging.due import due_by_policy
from tasks.purging.plan import plan_purge
from tasks.purging.purge import purge
from tasks.purging.table import without_row
from tasks.seal import seal
from tests.tasks.audit.conftest import write


def test_a_dry_run_changes_nothing(sealed: Workspace) -> None:
    before = {path: path.stat().st_mtime_ns for path in sealed.root.rglob("*") if path.suffix != ".lock"}
    table = plan_purge(sealed, "r-1").table
    after = {path: path.stat().st_mtime_ns for path in sealed.root.rglob("*") if path.suffix != ".lock"}
    assert {path for path in before if path.is_file() and before[path] != after[path]} == set()
    assert {row["place"]: row["count"] for row in table}["request's picture"] == 1


def test_picture_key_data_and_reports_go_and_the_rest_stays(sealed: Workspace) -> None:
    table = purge(sealed, "r-1")
    assert not (sealed.root / "requests/0.png").exists()
    assert (sealed.root / "requests/1.png").exists()
    assert not opening_file(sealed.state, "r-1").exists()
    assert not (sealed.root / "reports/b").exists()
    assert len(list((sealed.root / "certificates").glob("*.json"))) == 2, "of all requests of the report"
    assert (sealed.models / "latest.json").is_file()
    assert audit(sealed.root).faults == ()
    size = sealed.ledger.stat().st_size
    assert purge(sealed, "r-1") == table
    assert sealed.ledger.stat().st_size == size


def test_a_request_that_was_put_in_again_is_purged_again(sealed: Workspace) -> None:
    purge(sealed, "r-1")
    write(sealed.root, "requests/0.png", "again")
    opening = write_opening(sealed.state, "r-1", "requests/0.png")
    Ledger(sealed.ledger).append("committed", "r-1", {"commitment": opening.commitment(b"again")})
    seal(sealed)
    purge(sealed, "r-1")
    assert not (sealed.root / "requests/0.png").exists()
    assert [entry.event for entry in Ledger(sealed.ledger).entries()].count("purged") == 2
    assert audit(sealed.root).faults == ()


def test_what_was_purged_and_is_there_again_is_a_fault(sealed: Workspace, sealed_template: Path) -> None:
    import shutil

    purge(sealed, "r-1")
    (gone,) = {path.name for path in (sealed_template / "artifacts/construct").iterdir()} - {
        path.name for path in (sealed.artifacts / "construct").iterdir()
    }
    shutil.copytree(sealed_template / "artifacts/construct" / gone, sealed.artifacts / "construct" / gone)
    (fault,) = audit(sealed.root).faults
    assert (fault.code, "there again" in fault.what) == ("E-LED-014", True)


def test_only_a_released_request_is_purged(sealed: Workspace) -> None:
    Ledger(sealed.ledger).append("received", "r-3", {})
    seal(sealed)
    with pytest.raises(InputError, match="E-PRG-002"):
        purge(sealed, "r-3")
    with pytest.raises(InputError, match="E-PRG-001"):
        purge(sealed, "r-404")
    assert "purge_begun" not in {entry.event for entry in Ledger(sealed.ledger).entries()}


def test_the_policy_says_what_is_due(sealed: Workspace) -> None:
    with pytest.raises(InputError, match=r"E-PRG-002.*keep"):
        due_by_policy(sealed)
    write(sealed.root, "params.yaml", "release: {strategy: sequential}\npolicy: {after_release: purge}\n")
    assert due_by_policy(sealed) == ["r-1", "r-2"]
    purge(sealed, "r-1")
    assert due_by_policy(sealed) == ["r-2"]


def test_a_row_is_taken_out_of_a_table(tmp_path: Path) -> None:
    table = tmp_path / "requests.csv"
    table.write_text('request_id;name;image\nr-1;"A; B";a.png\nr-2;Ämil;b.png\n', encoding="utf-8")
    assert without_row(table, "r-1")
    assert table.read_text(encoding="utf-8") == "request_id;name;image\nr-2;Ämil;b.png\n"
    assert not without_row(table, "r-1")
    assert without_row(table, "r-2")
    assert not without_row(table, "r-2")
    assert not without_row(tmp_path / "none.csv", "r-1")


def test_deleted_rows_leave_no_bytes(tmp_path: Path) -> None:
    file = tmp_path / "some.db"
    with sqlite3.connect(file, isolation_level=None) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE events (text TEXT)")
        database.executemany("INSERT INTO events VALUES (?)", [("canary quillfeather",)] * 500)
    database.close()
    assert forget_rows(file, ("events", "no_such_table")) == 500
    assert not any(b"quillfeather" in path.read_bytes() for path in tmp_path.iterdir())
    assert forget_rows(tmp_path / "none.db", ("events",)) == 0


def test_a_database_that_somebody_reads_is_said_to_hold_old_bytes(tmp_path: Path) -> None:
    file = tmp_path / "some.db"
    with sqlite3.connect(file, isolation_level=None) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE events (text TEXT)")
        database.execute("INSERT INTO events VALUES ('x')")
    reader = sqlite3.connect(file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM events").fetchall()
    try:
        with pytest.raises(StateError, match="E-PRG-003"):
            rewrite(file)
    finally:
        reader.close()
    rewrite(file)


def test_pages_with_names_and_records_go_and_own_files_are_told(sealed: Workspace) -> None:
    write(sealed.root, "requests.csv", "request_id,name,image\nr-1,Ilka Morwen,requests/0.png\n")
    write(sealed.root, "reports/index-with-names.html", "<td>Ilka Morwen</td>")
    write(sealed.root, "reports/attacks-c1.html", "<h1>Ilka&#x20;Morwen, Ilka Morwen</h1>")
    write(sealed.root, "state/release-reasons.jsonl", '{"reason":"Ilka Morwen asked"}\n{"reason":"other"}\n')
    write(sealed.root, "letter.txt", "Dear Ilka Morwen")
    seal(sealed)
    plan = plan_purge(sealed, "r-1")
    assert plan.others == [sealed.root / "letter.txt"]
    purge(sealed, "r-1")
    assert not (sealed.reports / "index-with-names.html").exists()
    assert not (sealed.reports / "attacks-c1.html").exists()
    assert (sealed.state / "release-reasons.jsonl").read_text() == '{"reason":"other"}\n'
    assert (sealed.root / "letter.txt").is_file()
    assert "Ilka" not in (sealed.root / "requests.csv").read_text()


def test_an_index_is_no_fault_whenever_it_is_written(sealed: Workspace) -> None:
    for page in ("index.html", "index-with-names.html"):
        write(sealed.root, f"reports/{page}", "<!doctype html>")
    assert audit(sealed.root).faults == ()
