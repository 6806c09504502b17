"""What a schedule is told, and what it asks of the machine; the running one is in test_service.py."""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import proxy_bypass_environment

import psutil
import pytest

from flows.orchestration.gate import HOST
from flows.orchestration.server import ONE_COMMAND, loopback_without_proxy
from flows.orchestration.server_start import free_port, server, wait_for
from flows.orchestration.service import ServiceOptions, serve
from flows.terminal.time_zone import checked_zone, machine_zone
from siu.errors import InputError, StateError
from siu.storage.workspace import Workspace
from tests.http_server import Answer, Received, http_server


def test_an_odd_cron_is_refused_before_anything_starts(standing: Workspace) -> None:
    with pytest.raises(InputError, match="E-SCH-001 'every day' is no cron expression"):
        serve(standing, ServiceOptions("every day"), print)


@pytest.mark.parametrize(
    ("zone", "meant"), [("Europe/Berln", "Europe/Berlin"), ("New York", "America/New_York")]
)
def test_a_time_zone_that_there_is_not_is_refused_with_the_one_meant(
    standing: Workspace, zone: str, meant: str
) -> None:
    with pytest.raises(InputError, match=f"E-SCH-003 --timezone: there is no time zone '{zone}'.*{meant}"):
        serve(standing, ServiceOptions("0 3 * * *", zone), print)


def test_time_zones_are_found_in_any_case_and_this_machine_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked_zone("europe/berlin") == "Europe/Berlin"
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert machine_zone() == "Asia/Tokyo"
    monkeypatch.setenv("TZ", "nonsense")
    assert checked_zone(machine_zone()) == machine_zone()


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

    def waking(_: Received) -> Answer:
        asked.append(time.monotonic())
        return Answer(200 if len(asked) == 3 else 503)

    with http_server(waking) as other:
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        try:
            wait_for(other.url, "word", process)
        finally:
            process.communicate(b"\n")
    assert len(asked) == 3
    assert asked[-1] - asked[0] >= 0.15, "it doesn't ask as fast as it can"


def test_servers_listen_on_loopback_only(tmp_path: Path) -> None:
    port = free_port()
    settings = {**ONE_COMMAND, "PREFECT_HOME": str(tmp_path)}
    with server("prefect", port, "of this test alone", settings) as process:
        wait_for(f"http://{HOST}:{port}/api/health", "of this test alone", process)
        places = psutil.Process(process.pid).net_connections("inet")
    listening = {place.laddr for place in places if place.status == psutil.CONN_LISTEN}
    assert listening == {("127.0.0.1", port)}


def test_a_server_that_is_there_already_is_not_taken_for_the_own_one(standing: Workspace) -> None:
    with http_server() as other:
        with pytest.raises(StateError, match=rf"E-SCH-002 .*port {other.port}.*--port"):
            serve(standing, ServiceOptions("* * * * *", port=other.port), print)
        with pytest.raises(StateError, match=rf"E-SCH-002 .*port {other.port}.*--mlflow-port"):
            serve(standing, ServiceOptions("* * * * *", mlflow_port=other.port), print)
