"""Starting a server of this machine: a free port, a process, and the wait until it answers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from flows.orchestration.gate import HOST, USER
from flows.orchestration.password import VARIABLE
from siu.errors import StateError

START_SECONDS = 300.0
"""A fresh database takes ten seconds on a free machine, and many more on a busy one."""
END_SECONDS = 1.0


@contextmanager
def server(
    name: str, port: int, password: str, settings: Mapping[str, str], folder: Path | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server in a session of its own, where Ctrl-C doesn't reach it.

    Args:
        name: One of `flows.orchestration.server_process.APPLICATIONS`.
        port: Where it listens, on loopback.
        password: Of the user ``siu``; it goes through the environment, which other users can't read.
        settings: Further environment.
        folder: Where it works; None for here.
    """
    command = (sys.executable, "-m", "flows.orchestration.server_process", name, str(port))
    environment = {**os.environ, **settings, VARIABLE: password, "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True, cwd=folder
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(url: str, password: str, process: "subprocess.Popen[bytes]") -> None:
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
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        what = f"nothing can be served on port {port} ({error.strerror})"
        remedy = f"End what listens there, or name another port with {option}"
        raise StateError("E-SCH-002", what, remedy) from None


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
