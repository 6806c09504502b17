"""A Prefect server for the length of one command, unless one is running already.

Prefect would start such a server by itself, but end the process before all events are written: fast tasks
would stay RUNNING for ever. Here the command waits until the server has seen every task end.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from flows.orchestration.gate import HOST, USER
from flows.orchestration.server_start import free_port, refuse_taken, server, wait_for

DRAIN_SECONDS = 10.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ONE_COMMAND = {"PREFECT__SERVER_EPHEMERAL": "1", "PREFECT__SERVER_FINAL": "1", "PREFECT_UI_ENABLED": "0"}
"""No schedules, no pages: what Prefect itself tells a server that lives as long as a command."""


@contextmanager
def prefect_server(
    port: int | None = None, meanwhile: Callable[[], object] = lambda: None, password: str | None = None
) -> Iterator[str]:
    """Provide a Prefect API on loopback and yield its address; the user's where ``PREFECT_API_URL`` is set.

    Args:
        port: Where a server with schedules and pages listens; None for a small one on any free port.
        meanwhile: Done while the server starts, which takes seconds; its errors end the server.
        password: Without it nobody is answered; None for one that only this process knows.

    Raises:
        StateError: ``E-SCH-002`` the port is taken, or the server doesn't start.
    """
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

    if given := PREFECT_API_URL.value():
        meanwhile()
        yield str(given)
        return
    if port is not None:
        refuse_taken(port, "--port")
    settings = {} if port else ONE_COMMAND
    port, password = port or free_port(), password or secrets.token_urlsafe()
    url = f"http://{HOST}:{port}/api"
    protected = {**settings, **protection(url)}
    with loopback_without_proxy(), server("prefect", port, password, protected) as process:
        meanwhile()
        wait_for(f"{url}/health", password, process)
        with temporary_settings({PREFECT_API_URL: url, PREFECT_API_AUTH_STRING: f"{USER}:{password}"}):
            yield url


def protection(url: str) -> dict[str, str]:
    """Return the settings of a server that takes changes from its own pages and clients alone."""
    return {
        "PREFECT_SERVER_UI_API_URL": url,
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": url.removesuffix("/api"),
    }


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


def drain(flow_run_id: str) -> None:
    """Wait until the server knows of every task of a flow run that it has ended, for at most ten seconds."""
    from prefect.client.orchestration import get_client
    from prefect.events.worker import EventsWorker

    from flows.left_runs import unfinished_tasks

    EventsWorker.drain_all()
    deadline = time.monotonic() + DRAIN_SECONDS
    with get_client(sync_client=True) as client:
        while unfinished_tasks(client, UUID(flow_run_id)) and time.monotonic() < deadline:
            time.sleep(0.2)
