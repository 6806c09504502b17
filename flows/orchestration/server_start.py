"""Starting a server of this machine: a free port, a process, and the wait until it answers."""

import os
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path
from subprocess import Popen

from flows.orchestration.gate import HOST, USER
from flows.orchestration.password import VARIABLE
from flows.orchestration.processes import child
from siu.errors import StateError
from tasks.ports import port_fault

START_SECONDS = 300.0
"""A fresh database takes ten seconds on a free machine, and many more on a busy one."""


def server(
    name: str, port: int, password: str, settings: Mapping[str, str], folder: Path | None = None
) -> AbstractContextManager["Popen[bytes]"]:
    """Run a server.

    Args:
        name: One of `flows.orchestration.server_process.APPLICATIONS`.
        port: Where it listens, on loopback.
        password: Of the user ``siu``; it goes through the environment, which other users can't read.
        settings: Further environment.
        folder: Where it works; None for here.
    """
    command = (sys.executable, "-m", "flows.orchestration.server_process", name, str(port))
    environment = {**os.environ, **settings, VARIABLE: password, "PYTHONWARNINGS": "ignore"}
    return child(command, environment, folder, is_silent=True)


def wait_for(url: str, password: str, process: "Popen[bytes]") -> None:
    """Wait until an address answers.

    Raises:
        StateError: ``E-SCH-002`` the process ended, or doesn't answer for minutes.
    """
    import httpx

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            answer = httpx.get(url, auth=(USER, password), trust_env=False)
            if answer.status_code == httpx.codes.OK:
                return
        time.sleep(0.1)
    raise StateError(
        "E-SCH-002", f"the server of {url} did not start", "See whether its port is taken; name another one"
    )


def refuse_taken(port: int, option: str) -> None:
    """Refuse a port that somebody listens on: what answers there is not the server started here.

    Raises:
        StateError: ``E-SCH-002`` it is taken.
    """
    if fault := port_fault(port):
        what = f"nothing can be served on port {port} ({fault})"
        remedy = f"End what listens there, or name another port with {option}"
        raise StateError("E-SCH-002", what, remedy)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
