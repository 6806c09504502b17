"""A cron that really fires: with an unsuitable SQLAlchemy it silently doesn't."""

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

import pytest

from flows.schedule import serve
from siu.errors import InputError, StateError
from siu.workspace import Workspace

SECONDS = 240


def test_an_odd_cron_is_refused_before_anything_starts(standing: Workspace) -> None:
    with pytest.raises(InputError, match="E-SCH-001 'every day' is no cron expression"):
        serve(standing, "every day", 4200, print)


def test_the_server_listens_on_loopback_only() -> None:
    text = (Path(__file__).parents[2] / "flows" / "server_process.py").read_text()
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
