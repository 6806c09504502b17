"""What a purge is asked for, what it refuses, and that a request put in again is purged again."""

import sqlite3
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from siu.audit.audit import audit
from siu.audit.commitment import opening_file, write_opening
from siu.audit.ledger import Ledger
from siu.config.params import TrackingParams
from siu.errors import InputError, StateError
from siu.storage.workspace import Workspace
from tasks.purging import databases
from tasks.purging.databases import forget_rows, forget_runs, rewrite
from tasks.purging.due import due_by_policy
from tasks.purging.plan import plan_purge
from tasks.purging.purge import purge
from tasks.purging.table import rows_of, without_rows
from tasks.seal import seal
from tasks.tracking.record import RunRecord
from tasks.tracking.runs import MlflowRuns
from tests.tasks.audit.conftest import write


def test_a_dry_run_changes_nothing(sealed: Workspace) -> None:
    before = {path: path.stat().st_mtime_ns for path in sealed.root.rglob("*") if path.suffix != ".lock"}
    table = plan_purge(sealed, "r-1").table
    after = {path: path.stat().st_mtime_ns for path in sealed.root.rglob("*") if path.suffix != ".lock"}
    assert {path for path in before if path.is_file() and before[path] != after[path]} == set()
    assert {row["place"]: row["count"] for row in table}["request's picture"] == 1


def test_picture_key_data_and_reports_go_and_the_rest_stays(sealed: Workspace) -> None:
    table = purge(sealed, "r-1").table
    assert not (sealed.root / "requests/0.png").exists()
    assert (sealed.root / "requests/1.png").exists()
    assert not opening_file(sealed.state, "r-1").exists()
    assert not (sealed.root / "reports/b").exists()
    assert len(list((sealed.root / "certificates").glob("*.json"))) == 2, "of all requests of the report"
    assert (sealed.models / "latest.json").is_file()
    assert audit(sealed.root).faults == ()
    size = sealed.ledger.stat().st_size
    assert purge(sealed, "r-1").table == table
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


def test_rows_are_taken_out_of_a_table(tmp_path: Path) -> None:
    table = tmp_path / "requests.csv"
    table.write_text('request_id;name;image\nr-1;"A; B";a.png\nr-2;Ämil;b.png\n', encoding="utf-8")
    assert rows_of(table, "r-1") == without_rows(table, "r-1") == 1
    assert table.read_text(encoding="utf-8") == "request_id;name;image\nr-2;Ämil;b.png\n"
    assert rows_of(table, "r-1") == without_rows(table, "r-1") == 0
    assert without_rows(table, "r-2") == 1
    assert without_rows(table, "r-2") == 0
    assert table.read_text(encoding="utf-8") == "request_id;name;image\n"
    assert rows_of(tmp_path / "none.csv", "r-1") == without_rows(tmp_path / "none.csv", "r-1") == 0


def test_a_table_that_cant_be_read_stops_the_purge_before_anything_goes(sealed: Workspace) -> None:
    table = sealed.root / "requests.csv"
    table.write_bytes(b"request_id,name,image\nr-1,\xd0\xcf,a.png\n")
    with pytest.raises(InputError, match="E-CSV-002"):
        purge(sealed, "r-1")
    write(sealed.root, "requests.csv", "request_id,name,image\nr-1,Ilka,requests/0.png\nr-2,A,b,c.png\n")
    with pytest.raises(InputError, match=r"E-CSV-004 .*requests\.csv:3"):
        purge(sealed, "r-1")
    assert (sealed.root / "requests/0.png").is_file()
    assert "purge_begun" not in {entry.event for entry in Ledger(sealed.ledger).entries()}


def test_what_stays_of_a_spreadsheets_table_is_one_that_it_reads(tmp_path: Path) -> None:
    table = tmp_path / "requests.csv"
    table.write_bytes("Name;Request ID;Image\nJosé;r-7;jose.png\nMira;r-8;m.png\n".encode("cp1252"))
    assert without_rows(table, "r-8") == 1
    assert table.read_bytes() == "\ufeffname;request_id;image\nJosé;r-7;jose.png\n".encode()


def test_the_certificate_counts_what_is_there(sealed: Workspace) -> None:
    place = "row of the table of requests, its record"
    counts = {row["place"]: row["count"] for row in purge(sealed, "r-2").table}
    assert (counts[place], counts["key of the picture's commitment"]) == (1, 1), "its record"
    assert (counts["Prefect's results, events, logs"], counts["DVC's site cache"]) == (0, 0)
    counts = {row["place"]: row["count"] for row in plan_purge(sealed, "r-2").table}
    assert (counts[place], counts["key of the picture's commitment"]) == (0, 0), "nothing is left of it"


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


def test_a_database_that_somebody_writes_is_a_purge_that_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "LOCK_SECONDS", 0.1)
    file = tmp_path / "mlflow.db"
    with sqlite3.connect(file, isolation_level=None) as database:
        database.execute("CREATE TABLE runs (run_uuid TEXT, name TEXT)")
        database.execute("INSERT INTO runs VALUES ('a', 'r-1')")
    database.close()
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        for work in (lambda: forget_rows(file, ("runs",)), lambda: forget_runs(file, ["a"])):
            with pytest.raises(StateError, match=r"E-PRG-003 .*locked"):
                work()
    finally:
        writer.close()
    assert forget_runs(file, ["a"]) == 1


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"PREFECT_API_URL": "https://prefect.example.org/api"}, "Prefect server"),
        ({"PREFECT_API_URL": "http://127.0.0.1:4200/api"}, "Prefect server"),
        ({"PREFECT_HOME": "/srv/prefect"}, "Prefect's database"),
        ({"PREFECT_SERVER_DATABASE_CONNECTION_URL": "postgresql+asyncpg://db/prefect"}, "Prefect's database"),
    ],
)
def test_what_a_server_keeps_is_told_as_not_reached(
    sealed: Workspace, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], place: str
) -> None:
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    write(sealed.root, "params.yaml", "tracking: {uri: 'https://mlflow.example.org'}\n")
    table = plan_purge(sealed, "r-1").table
    told = {row["place"].split(":")[0]: row["action"] for row in table}
    assert (told[place], told["MLflow server"]) == ("not reached", "not reached")
    assert "example.org" not in str(table), "the certificate is for others"


def test_a_server_of_our_own_is_reached(sealed: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(sealed.prefect_home))
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4200/api")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "siu:word")
    places = [row["place"] for row in plan_purge(sealed, "r-1").table]
    assert not [
        place for place in places if place.startswith(("Prefect server", "Prefect's data", "MLflow s"))
    ]


def test_runs_are_purged_wherever_the_tracking_database_lies(sealed: Workspace, tmp_path: Path) -> None:
    shared = TrackingParams(uri=f"sqlite:///{tmp_path}/shared/mlflow.db")
    (tmp_path / "shared").mkdir()
    others = Workspace(tmp_path / "others")
    text = YAML(typ="safe")
    with sealed.params_file.open("w") as file:
        text.dump({"tracking": {"uri": shared.uri}}, file)
    for workspace, key in ((sealed, "ab" * 32), (others, "cd" * 32)):
        runs = MlflowRuns(workspace, shared)
        run_id, _ = runs.open(RunRecord(key, "r-1", tags={"siu.request_id": "r-1"}))
        runs.client.log_text(run_id, "Ilka Morwen", "answers.json")
    plan = plan_purge(sealed, "r-1")
    assert (len(plan.runs), len(plan.tracked)) == (1, 1), "those of the other workspace are not looked at"
    purge(sealed, "r-1")
    left = MlflowRuns(others, shared).client.search_runs(["1"])
    assert [run.info.run_id for run in left] == [run_id]
    assert len(list((tmp_path / "shared").rglob("answers.json"))) == 1


def test_an_output_of_a_twin_that_was_put_in_again_stays(sealed: Workspace) -> None:
    ledger = Ledger(sealed.ledger)
    plan = next(
        entry.data["plan"]
        for entry in ledger.entries()
        if entry.event == "constructed" and entry.request_id == "r-1"
    )
    ledger.append("constructed", "r-2", {"plan": plan})
    seal(sealed)
    assert f"construct/{plan}" not in plan_purge(sealed, "r-1").outputs
    purge(sealed, "r-2")
    assert f"construct/{plan}" in plan_purge(sealed, "r-1").outputs, "nobody else needs it now"
    ledger.append("constructed", "r-2", {"plan": plan})
    assert f"construct/{plan}" not in plan_purge(sealed, "r-1").outputs, "r-2 was put in again"


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
