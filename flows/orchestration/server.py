"""A Prefect server for the length of one command, unless one is running already.

Prefect would start such a server by itself, but end the process before all events are written: fast tasks
would stay RUNNING for ever. Here the command waits until the server has seen every task end.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from uuid import UUID

from siu.errors import StateError

DRAIN_SECONDS = 10.0
START_SECONDS = 120.0
"""A fresh database takes ten seconds on a free machine, and many more on a busy one."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ONE_COMMAND = {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1", "PREFECT_UI_ENABLED": "0"}
"""No schedules, no pages: what Prefect itself tells a server that lives as long as a command."""


@contextmanager
def prefect_server(port: int | None = None, meanwhile: Callable[[], object] = lambda: None) -> Iterator[str]:
    """Provide a Prefect API on loopback and yield its address; the user's where ``PREFECT_API_URL`` is set.

    Args:
        port: Where a server with schedules and pages listens; None for a small one on any free port.
        meanwhile: Done while the server starts, which takes seconds; its errors end the server.

    Raises:
        StateError: ``E-SCH-002`` the port is taken, or the server doesn't start.
    """
    from prefect.settings import PREFECT_API_URL, temporary_settings

    if given := PREFECT_API_URL.value():
        meanwhile()
        yield str(given)
        return
    if port is not None:
        _refuse_taken(port)
    url = f"http://127.0.0.1:{port or _free_port()}/api"
    with loopback_without_proxy(), _process(url, ONE_COMMAND if port is None else {}) as process:
        meanwhile()
        _wait_for(url, process)
        with temporary_settings({PREFECT_API_URL: url}):
            yield url


@contextmanager
def loopback_without_proxy() -> Iterator[None]:
    """Keep a proxy of the environment away from this machine's own addresses while the block runs.

    Prefect's client asks whatever proxy ``HTTP_PROXY`` names, also for ``127.0.0.1``.
    """
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    hosts = [host.strip() for value in before.values() for host in (value or "").split(",")]
    without = ",".join(dict.fromkeys(host for host in (*hosts, *LOOPBACK) if host))
    os.environ.update(dict.fromkeys(before, without))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _process(url: str, settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in a session of its own, where Ctrl-C doesn't reach it."""
    port = url.removesuffix("/api").rpartition(":")[2]
    command = (sys.executable, "-m", "flows.orchestration.server_process", port)
    environment = {**os.environ, "PREFECT_SERVER_UI_API_URL": url, **settings}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    import httpx

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/health", trust_env=False).status_code == httpx.codes.OK:
                return
        time.sleep(0.1)
    raise StateError(
        "E-SCH-002", "the Prefect server did not start", "See whether its port is taken, or use --port"
    )


def _refuse_taken(port: int) -> None:
    """Refuse a port that somebody listens on: what answers there is not the server started here."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        what = f"the Prefect server can't listen on port {port} ({error})"
        remedy = "End what listens there, or name another port with --port"
        raise StateError("E-SCH-002", what, remedy) from None


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def drain(flow_run_id: str) -> None:
    """Wait until the server knows of every task of a flow run that it has ended, for at most ten seconds."""
    from prefect.events.worker import EventsWorker

    EventsWorker.drain_all()
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline and _unfinished(flow_run_id):
        time.sleep(0.2)


def _unfinished(flow_run_id: str) -> int:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(flow_run_id)]))
    with get_client(sync_client=True) as client:
        runs = client.read_task_runs(flow_run_filter=wanted)
    return sum(not (run.state and run.state.is_final()) for run in runs)
