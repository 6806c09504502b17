"""`siu up` as a user starts it: the real servers, a real cron, real requests of others."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psutil
import pytest

from flows.orchestration.password import VARIABLE
from siu.storage.workspace import Workspace
from tasks.schedule_log import schedule_events
from tests.flows.stand_in import write_workspace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]
SECONDS = 1500
ZONE = "Asia/Tokyo"


@dataclass
class Service:
    """What runs, and where."""

    workspace: Workspace
    process: "subprocess.Popen[bytes]"
    prefect: str
    mlflow: str
    password: str

    def ask(self, method: str, url: str, login: bool = True, **options: Any) -> httpx.Response:
        auth = ("siu", self.password) if login else None
        return httpx.request(method, url, auth=auth, trust_env=False, timeout=60, **options)

    def events(self) -> list[tuple[str, str]]:
        return [(event.event, event.reason) for event in schedule_events(self.workspace)]

    def read(self, path: str, content: dict[str, Any]) -> Any:
        """Read with all that a client of Prefect has: password and CSRF token."""
        token = self.ask("GET", f"{self.prefect}/api/csrf-token", params={"client": "test"}).json()["token"]
        headers = {"Prefect-Csrf-Client": "test", "Prefect-Csrf-Token": token}
        answer = self.ask("POST", f"{self.prefect}/api/{path}", json=content, headers=headers)
        answer.raise_for_status()
        return answer.json()


def start(workspace: Workspace, *options: str) -> Service:
    ports = [free_port(), free_port()]
    program = Path(sys.executable).with_name("siu")
    command = [program, "up", "--port", str(ports[0]), "--mlflow-port", str(ports[1]), *options]
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    with (workspace.root / "service.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=workspace.root, env=environment, stdout=log, stderr=log)
    wait_until(lambda: "Ctrl-C ends it" in (workspace.root / "service.log").read_text(), process)
    password = workspace.service_password.read_text().strip()
    prefect, mlflow = (f"http://127.0.0.1:{port}" for port in ports)
    return Service(workspace, process, prefect, mlflow, password)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    write_workspace(folder)
    service = start(Workspace(folder), "--cron", "* * * * *", "--timezone", ZONE)
    yield service
    end(service)


def end(service: Service) -> None:
    service.process.send_signal(signal.SIGTERM)
    service.process.wait(60)


def test_nobody_gets_in_without_the_password_and_the_pages_open_with_it(service: Service) -> None:
    for page in (f"{service.prefect}/", f"{service.prefect}/api/health", f"{service.mlflow}/"):
        assert service.ask("GET", page, login=False).status_code == 401
        assert service.ask("GET", page, follow_redirects=True).status_code == 200
    assert "MLflow" in service.ask("GET", f"{service.mlflow}/").text


def test_a_foreign_page_cannot_start_a_run(service: Service) -> None:
    (deployment,) = service.read("deployments/filter", {})
    start_run = f"{service.prefect}/api/deployments/{deployment['id']}/create_flow_run"
    foreign = {"Origin": "http://evil.example", "Content-Type": "text/plain", "Sec-Fetch-Site": "cross-site"}
    for headers in (foreign, {"Origin": "null"}, {"Host": "evil.example"}):
        assert service.ask("POST", start_run, content="{}", headers=headers).status_code == 403
    assert service.ask("POST", start_run, json={}).status_code == 403, "without a CSRF token"
    runs = service.read("flow_runs/filter", {"limit": 200})
    assert all(run["auto_scheduled"] for run in runs)
    assert service.ask("OPTIONS", start_run, headers=foreign).status_code == 403


def test_the_cron_fires_twice_in_its_time_zone_and_the_second_run_finds_nothing_to_do(
    service: Service,
) -> None:
    wait_until(lambda: len([event for event, _ in service.events() if event == "done"]) >= 2, service.process)
    done = [reason for event, reason in service.events() if event == "done"]
    assert done[0] != "nothing to do"
    assert done[1] == "nothing to do"
    assert ("serves", f"'* * * * *', {ZONE} time") in service.events()
    (deployment,) = service.read("deployments/filter", {})
    assert deployment["schedules"][0]["schedule"]["timezone"] == ZONE
    runs = service.read("flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}})
    assert {run["auto_scheduled"] for run in runs} == {True}


def test_the_password_is_nowhere_else(service: Service) -> None:
    tree = [
        psutil.Process(service.process.pid),
        *psutil.Process(service.process.pid).children(recursive=True),
    ]
    assert not any(service.password in " ".join(process.cmdline()) for process in tree)
    for path in service.workspace.root.rglob("*"):
        if path.is_file() and path != service.workspace.service_password:
            assert service.password.encode() not in path.read_bytes(), path


def test_it_ends_with_all_that_it_started_and_leaves_no_run_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_workspace(tmp_path)
    with TemporaryDirectory() as temporary:
        monkeypatch.setenv("TMPDIR", temporary)
        service = start(Workspace(tmp_path), "--cron", "* * * * *")
        wait_until(lambda: (tmp_path / "state/batch.holder").exists(), service.process)
        tree = psutil.Process(service.process.pid).children(recursive=True)
        assert any(Path(temporary).glob("siu-schedule-*"))
        end(service)
        assert not any(Path(temporary).glob("siu-schedule-*"))
        assert not (Path(temporary) / "runner_storage").exists()
    assert service.process.returncode == 0
    _, alive = psutil.wait_procs(tree, timeout=2)
    assert alive == []
    assert not any(word in (tmp_path / "service.log").read_text() for word in ("Traceback", "Warning"))
    doctor = [Path(sys.executable).with_name("siu"), "doctor", "--json"]
    checks = json.loads(subprocess.run(doctor, cwd=tmp_path, capture_output=True, check=False).stdout)
    (left,) = (check for check in checks if check["name"] == "left over")
    assert "prefect.db" not in left["text"]


def test_runs_that_were_missed_are_made_up_for_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    write_workspace(tmp_path)
    workspace.prefect_home.mkdir()
    workspace.schedule_alive.touch()
    yesterday = time.time() - 25 * 3600
    os.utime(workspace.schedule_alive, (yesterday, yesterday))
    service = start(workspace, "--cron", "0 0 * * *")
    wait_until(lambda: any(event in ("done", "failed") for event, _ in service.events()), service.process)
    events = service.events()
    end(service)
    assert ("missed", "1 run while nothing served them; one run makes up for them") in events
    assert [event for event, _ in events].count("done") == 1


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if condition():
            return
        assert process.poll() is None, "it has ended"
        time.sleep(1)
    pytest.fail(f"nothing happened in {SECONDS} s")
