"""Processes that work for a command, the one that serves the schedule among them, and their end."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory
from types import FrameType

import psutil

from flows.orchestration.password import VARIABLE
from siu.storage.workspace import Workspace

WORKSPACE = "SIU_WORKSPACE"
"""The environment variable that fixes the workspace: whoever may start a run can't choose it."""
GRACE_SECONDS = 0.5
"""So long a process may take to end by itself."""
KILL_SECONDS = 10.0
"""So long it may take a busy machine to clear a killed process away."""


@contextmanager
def child(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None, *, is_silent: bool = False
) -> Iterator["Popen[bytes]"]:
    """Run a process in a session of its own, where Ctrl-C doesn't reach it; at the end it and its own end.

    Args:
        command: What runs.
        environment: All of it.
        folder: Where it works; None for here.
        is_silent: Whether what it prints is of no use to anybody.
    """
    process = Popen(
        command,
        env=environment,
        stdout=DEVNULL if is_silent else None,
        start_new_session=True,
        cwd=folder,
    )
    try:
        yield process
    finally:
        end_tree(process.pid)
        process.wait()


@contextmanager
def runner(
    workspace: Workspace, cron: str, zone: str, url: str, login: Mapping[str, str]
) -> Iterator["Popen[bytes]"]:
    """Run what serves the schedule; its temporary files are removed when it has ended, also by force.

    Args:
        workspace: Whose batches.
        cron: When.
        zone: Whose clock that means.
        url: Prefect's API.
        login: Setting with its password, if that is one of this service.
    """
    command = (sys.executable, "-m", "flows.orchestration.runner_process", cron, zone)
    own = {
        "PREFECT_LOGGING_ROOT_LEVEL": "CRITICAL",
        "PREFECT_API_URL": url,
        WORKSPACE: os.fspath(workspace.root),
        "TZ": zone,
        **login,
    }
    inherited = {name: value for name, value in os.environ.items() if name != VARIABLE}
    with (
        TemporaryDirectory(prefix="siu-schedule-", ignore_cleanup_errors=True) as folder,
        child(command, {**inherited, **own, "TMPDIR": folder}, workspace.root) as process,
    ):
        yield process


def end_tree(pid: int) -> None:
    """End a process and all that it has started, by force where it takes longer than `GRACE_SECONDS`."""
    try:
        parent = psutil.Process(pid)
        processes = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=KILL_SECONDS)


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Let the first SIGTERM or Ctrl-C raise `KeyboardInterrupt`, and no further one disturb the end."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, end) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
