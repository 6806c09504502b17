"""A cron that really fires: with an unsuitable SQLAlchemy it silently doesn't."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.request import proxy_bypass_environment

import pytest

from flows.cli.time_zone import checked_zone, machine_zone
from flows.orchestration import server as prefect_server
from flows.orchestration.schedule import serve
from flows.orchestration.server import loopback_without_proxy
from siu.errors import InputError, StateError
from siu.storage.workspace import Workspace

SECONDS = 240


def test_an_odd_cron_is_refused_before_anything_starts(standing: Workspace) -> None:
    with pytest.raises(InputError, match="E-SCH-001 'every day' is no cron expression"):
        serve(standing, "every day", 4200, print)


@pytest.mark.parametrize(
    ("zone", "meant"), [("Europe/Berln", "Europe/Berlin"), ("New York", "America/New_York")]
)
def test_a_time_zone_that_there_is_not_is_refused_with_the_one_meant(
    standing: Workspace, zone: str, meant: str
) -> None:
    with pytest.raises(InputError, match=f"E-SCH-003 --timezone: there is no time zone '{zone}'.*{meant}"):
        serve(standing, "0 3 * * *", 4200, print, zone)


def test_time_zones_are_found_in_any_case_and_this_machine_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked_zone("europe/berlin") == "Europe/Berlin"
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert machine_zone() == "Asia/Tokyo"
    monkeypatch.setenv("TZ", "nonsense")
    assert checked_zone(machine_zone()) == machine_zone()


def test_a_cron_means_the_clock_of_its_time_zone(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.orchestration import served

    given: dict[str, Any] = {}
    said: list[str] = []
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setattr(type(served.batch), "serve", lambda self, **arguments: given.update(arguments))
    serve(standing, "0 3 * * *", 4200, said.append, "Europe/Berlin")
    schedule = given["schedule"]
    assert (schedule.cron, schedule.timezone) == ("0 3 * * *", "Europe/Berlin")
    assert "'0 3 * * *', Europe/Berlin time" in said[0]


def test_a_proxy_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "example.org")
    monkeypatch.delenv("no_proxy", raising=False)
    with loopback_without_proxy():
        assert proxy_bypass_environment("127.0.0.1:4200")
        assert proxy_bypass_environment("localhost")
        assert proxy_bypass_environment("example.org")
        assert not proxy_bypass_environment("example.com")
    assert os.environ["NO_PROXY"] == "example.org"
    assert "no_proxy" not in os.environ


def test_a_server_is_waited_for_past_a_dead_proxy_and_odd_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    asked: list[float] = []
    codes = [503, 503, 200]

    class Waking(Healthy):
        def do_GET(self) -> None:
            asked.append(time.monotonic())
            self.send_response(codes[len(asked) - 1])
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Waking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        try:
            prefect_server._wait_for(f"http://127.0.0.1:{server.server_port}", process)
        finally:
            process.communicate(b"\n")
            server.shutdown()
    assert len(asked) == 3
    assert asked[-1] - asked[0] >= 0.15, "it doesn't ask as fast as it can"


def test_the_server_listens_on_loopback_only() -> None:
    text = (Path(__file__).parents[3] / "flows" / "orchestration" / "server_process.py").read_text()
    assert 'host="127.0.0.1"' in text
    assert "0.0.0.0" not in text  # what must not be there


def test_a_server_that_is_there_already_is_not_taken_for_the_own_one(standing: Workspace) -> None:
    with HTTPServer(("127.0.0.1", 0), Healthy) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        try:
            with pytest.raises(StateError, match=rf"E-SCH-002 .*port {other.server_port}.*--port"):
                serve(standing, "* * * * *", other.server_port, print)
        finally:
            other.shutdown()


class Healthy(BaseHTTPRequestHandler):
    """Answers as the server of another workspace does."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"true")

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 60)
def test_a_cron_fires(standing: Workspace) -> None:
    command = [
        Path(sys.executable).with_name("siu"),
        "schedule",
        "--cron",
        "* * * * *",
        "--port",
        _free_port(),
    ]
    with subprocess.Popen(
        command, cwd=standing.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            _wait_until(lambda: _completed(standing) >= 1)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    assert list(standing.reports.glob("*/report.html"))
    runs = _runs(standing)
    assert ("COMPLETED", 1) in runs, "a run that the schedule made, not a person"


def _completed(workspace: Workspace) -> int:
    return sum(state == "COMPLETED" and scheduled for state, scheduled in _runs(workspace))


def _runs(workspace: Workspace) -> list[tuple[str, int]]:
    database = workspace.prefect_home / "prefect.db"
    if not database.exists():
        return []
    query = "SELECT state_type, auto_scheduled FROM flow_run"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:  # the server is still making its tables
            return []


def _wait_until(condition) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(1)
    pytest.fail(f"nothing happened in {SECONDS} s")


def _free_port() -> str:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
