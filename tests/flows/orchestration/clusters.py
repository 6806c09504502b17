"""Clusters of two processes on this machine, started as their operators start them."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
SECONDS = 120


@contextmanager
def process(*command: object, log: Path) -> Iterator[None]:
    """A process of a cluster; it ends with the block."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            [BIN / str(command[0]), *map(str, command[1:])],
            cwd=ROOT,
            env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            started.terminate()
            started.wait(SECONDS)


@contextmanager
def dask_cluster(folder: Path, gpus: Sequence[int] = (1, 1)) -> Iterator[str]:
    """A Dask scheduler and a worker of two threads for each count of GPUs; yields the scheduler's address."""
    from distributed import Client

    told, log = folder / "scheduler.json", folder / "dask.log"
    listening = ("--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", told)
    working = ("--nthreads", 2, "--no-dashboard", "--no-nanny", "--local-directory", folder)
    with ExitStack() as processes:
        processes.enter_context(process("dask", "scheduler", *listening, log=log))
        wait_for(told)
        address = str(json.loads(told.read_text())["address"])
        for name, count in enumerate(gpus):
            own = ("--name", f"worker-{name}", "--resources", f"GPU={count}")
            processes.enter_context(process("dask", "worker", address, *working, *own, log=log))
        if gpus:
            with Client(address, set_as_default=False) as client:
                client.wait_for_workers(len(gpus), timeout=SECONDS)
        yield address


@contextmanager
def ray_cluster(gpus: int = 2) -> Iterator[tuple[str, str]]:
    """A Ray head node with two CPUs; yields its own address and that of its server for clients.

    Who comes without ``RAY_AUTH_TOKEN`` of this environment gets no answer.
    """
    folder = Path(tempfile.mkdtemp(prefix="ray"))  # the path of a socket has to be short
    port, for_clients = free_port(), free_port()
    options = {
        "port": port,
        "ray-client-server-port": for_clients,
        "num-cpus": 2,
        "num-gpus": gpus,
        "include-dashboard": "false",
        "temp-dir": folder,
        "object-store-memory": 100_000_000,
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    try:
        with process("ray", "start", "--head", "--block", *words, log=folder / "log"):
            for waited in (port, for_clients):
                wait_for_port(waited)
            yield f"127.0.0.1:{port}", f"ray://127.0.0.1:{for_clients}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not (file.is_file() and file.stat().st_size):
        assert time.monotonic() < deadline, f"{file} was not written"
        time.sleep(0.1)


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens on {port}"
            time.sleep(0.2)
