"""`siu doctor` finds what was broken on purpose, says what to do, and changes nothing."""

import json
import os
import py_compile
import socket
import sqlite3
import sys
from contextlib import closing
from importlib.util import spec_from_file_location
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.program import main
from siu.audit.ledger import Ledger
from siu.config.params import Params
from siu.config.section import Section
from siu.storage.workspace import Workspace
from tasks.health import machine, records, services
from tasks.health.check import Check, worst
from tasks.health.examination import CHECKS, _made
from tasks.schedule_log import note_alive, note_schedule
from tasks.seal import seal
from tasks.signing import create_key, private_file, rotate_key

PARAMS = Params()


def changed(section: str, **values: object) -> Params:
    part: Section = getattr(PARAMS, section)
    return PARAMS.model_copy(update={section: part.model_copy(update=values)})


def test_the_worst_counts() -> None:
    well, worse = Check("a", "ok", ""), Check("b", "warn", "")
    assert worst([]) == worst([well]) == "ok"
    assert worst([well, worse]) == "warn"
    assert worst([worse, Check("c", "fail", ""), well]) == "fail"


def test_an_empty_workspace_is_well(workspace: Workspace) -> None:
    before = sorted(workspace.root.rglob("*"))
    for name, look in CHECKS:
        if name not in ("memory", "dvc", "disk", "cores", "bytecode"):  # of the machine, or heavy
            assert look(workspace, PARAMS).health == "ok", name
    assert sorted(workspace.root.rglob("*")) == before


def test_packages_that_each_process_compiles_anew_are_told(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "prefect"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.setattr(
        machine, "find_spec", lambda name: spec_from_file_location(name, package / "__init__.py")
    )
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert machine.bytecode(workspace, PARAMS).health == "ok"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    check = machine.bytecode(workspace, PARAMS)
    assert check.health == "warn"
    assert f"compileall -q {tmp_path}" in check.remedy
    py_compile.compile(str(package / "__init__.py"))
    assert machine.bytecode(workspace, PARAMS).health == "ok"


def test_memory_counts_the_questions_that_the_parameters_ask_at_a_time(workspace: Workspace) -> None:
    usual = machine.memory(workspace, PARAMS)
    check = machine.memory(workspace, changed("evaluation", batch_size=100_000))
    assert check.health == "warn"
    assert check.text != usual.text


def test_a_check_that_breaks_says_so_and_stops_no_other(workspace: Workspace) -> None:
    def broken(_workspace: Workspace, _params: Params) -> Check:
        raise OSError("no such device")

    check = _made("disk", broken, workspace, PARAMS)
    assert (check.health, check.text) == ("fail", "could not be checked: OSError: no such device")


def test_a_changed_ledger_is_found(workspace: Workspace) -> None:
    Ledger(workspace.ledger).append("received", "r-1", {"received": "2026-01-31"})
    Ledger(workspace.ledger).append("received", "r-2", {"received": "2026-01-31"})
    text = workspace.ledger.read_text()
    workspace.ledger.write_text(text.replace("2026-01-31", "2026-01-30", 1))
    check = records.ledger(workspace, PARAMS)
    assert check.health == "fail"
    assert "siu verify" in check.remedy


def test_a_signed_ledger_is_well_also_after_its_key_was_rotated(workspace: Workspace) -> None:
    workspace.state.mkdir()
    create_key(workspace)
    assert seal(workspace) is not None
    assert records.ledger(workspace, PARAMS).health == "ok"
    rotate_key(workspace)
    assert seal(workspace) is not None
    assert records.ledger(workspace, PARAMS).health == "ok"


def test_a_private_key_that_is_lost_or_open_to_others_is_found(workspace: Workspace) -> None:
    workspace.state.mkdir()
    file = private_file(workspace, create_key(workspace).public)
    assert records.keys(workspace, PARAMS).health == "ok"
    file.chmod(0o644)
    assert "others can read" in records.keys(workspace, PARAMS).text
    file.unlink()
    assert records.keys(workspace, PARAMS).health == "fail"


def test_runs_that_a_killed_process_left_are_counted(workspace: Workspace) -> None:
    workspace.prefect_home.mkdir()
    with closing(sqlite3.connect(workspace.prefect_home / "prefect.db")) as database, database:
        database.execute("CREATE TABLE flow_run (state_type TEXT)")
        database.execute("INSERT INTO flow_run VALUES ('RUNNING'), ('COMPLETED')")
    assert records.left_over(workspace, PARAMS).text == "1 runs that count as running in prefect.db"


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_database_that_cannot_be_used_is_found(workspace: Workspace, content: bytes) -> None:
    workspace.mlflow_database.write_bytes(content)
    check = services.mlflow_database(workspace, PARAMS)
    assert check.health == "fail"
    assert f"Move {workspace.mlflow_database} away" in check.remedy


def test_a_tracking_server_that_does_not_answer_is_found_and_its_password_not_shown(
    workspace: Workspace,
) -> None:
    params = changed("tracking", uri="http://anna:letmein@127.0.0.1:9")
    check = services.mlflow_database(workspace, params)
    assert check.health == "warn"
    assert "letmein" not in check.text


def test_a_taken_port_is_found_unless_it_is_the_own_service(workspace: Workspace) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        assert services.ports(workspace, (port,)).health == "warn"
        note_alive(workspace)
        assert services.ports(workspace, (port,)).health == "ok"


def test_a_schedule_that_is_not_served_any_more_is_found(workspace: Workspace) -> None:
    note_schedule(workspace, "serves", "'0 3 * * *'")
    note_alive(workspace)
    assert services.schedule(workspace, PARAMS).health == "ok"
    note_schedule(workspace, "failed", "E-PRE-001")
    assert services.schedule(workspace, PARAMS).health == "warn"
    os.utime(workspace.schedule_alive, (0, 0))
    assert services.schedule(workspace, PARAMS).text.startswith(
        "schedule not served since 1970-01-01 00:00 UTC"
    )


def test_a_secret_that_is_not_set_is_found(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEAM_SLACK", raising=False)
    check = services.messages(workspace, changed("notify", slack_env="TEAM_SLACK"))
    assert (check.health, check.text) == ("warn", "not set here: TEAM_SLACK")


@pytest.mark.parametrize(("scheme", "extra"), [("s3", "siu[s3]"), ("gs", "dvc[gs]")])
def test_a_remote_whose_package_is_missing_is_found_with_what_to_install(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, scheme: str, extra: str
) -> None:
    from dvc.repo import Repo

    monkeypatch.setitem(sys.modules, f"dvc_{scheme}", None)  # as where it isn't installed
    Repo.init(str(workspace.root), no_scm=True)
    assert services.dvc_remote(workspace, PARAMS).health == "ok"
    (workspace.root / ".dvc/config").write_text(
        f"[core]\n    no_scm = true\n    remote = store\n['remote \"store\"']\n    url = {scheme}://siu/x\n"
    )
    check = services.dvc_remote(workspace, PARAMS)
    assert (check.health, f"dvc-{scheme}" in check.text) == ("warn", True)
    assert check.remedy == f"Run `pip install '{extra}'`"


def test_more_threads_than_cores_and_too_little_disk_are_told(workspace: Workspace) -> None:
    assert machine.cores(workspace, changed("runtime", workers=200, threads=9)).health == "warn"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_workspace_is_found(workspace: Workspace) -> None:
    workspace.root.chmod(0o500)
    try:
        assert machine.writable(workspace, PARAMS).health == "fail"
    finally:
        workspace.root.chmod(0o700)


def test_the_command_prints_a_line_each_and_ends_with_the_worst(workspace: Workspace) -> None:
    workspace.params_file.write_text("seed: -1\n")
    shown = CliRunner().invoke(main, ["doctor"])
    assert shown.exit_code == 4
    assert shown.stdout.startswith("fail  params.yaml: E-PAR-006")
    assert len(shown.stdout.splitlines()) == len(CHECKS) + 2
    as_json = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).output)
    assert [check["name"] for check in as_json] == ["params.yaml", *(name for name, _ in CHECKS), "ports"]
    assert as_json[0]["health"] == "fail"


def test_nothing_about_the_place_of_the_lock_is_guessed() -> None:
    assert Path(machine.LOCK).is_file()
