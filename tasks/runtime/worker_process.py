"""One worker process and the pipe to it.

It imports what a job needs when the job comes, and ends by itself when its parent does.
"""

import os
import pickle  # nosec B403  # between a process and its own workers
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import c_int
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any

from siu.cores import share_cores
from siu.errors import ConceptError
from tasks.runtime.limits import LOOK_SECONDS, Limits

OnProgress = Callable[[int, int], None]
SPAWN = get_context("spawn")  # a fork would inherit Prefect's threads and locks
STOP_SECONDS = 3
NO_LIMITS = Limits()
ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
    "MALLOC_TOP_PAD_": str(64 << 20),
}
"""For glibc's allocator, read when a process starts: each step wants the memory of the one before it, and
asking the system for its pages again takes a tenth of a step."""


class BeyondLimit(Exception):
    """A job is beyond a limit; its process has to be ended.

    Args:
        error: What that means for the job's subject.
    """

    def __init__(self, error: ConceptError) -> None:
        super().__init__(error)
        self.error = error


class WorkerProcess:
    """A process that does one job after the other.

    Args:
        threads: Torch threads.
        busy: How many processes of the batch are at work: a job that can use two cores sees whether it may.
    """

    def __init__(self, threads: int, busy: c_int) -> None:
        self._pipe, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(target=_serve, args=(theirs, threads, busy), daemon=True)
        with _environment(ALLOCATOR):
            self._process.start()
        theirs.close()

    def run(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        on_progress: OnProgress,
        limits: Limits = NO_LIMITS,
    ) -> Any:
        """Do a job and return what it returns; its errors are raised here.

        Raises:
            EOFError: The process died; it may be a ConnectionError as well.
            BeyondLimit: It had to be ended.
        """
        beyond: Callable[[], ConceptError | None] = _never
        self._pipe.send((function, arguments))
        while True:
            while not self._pipe.poll(LOOK_SECONDS):
                if (error := beyond()) is not None:
                    raise BeyondLimit(error)
            kind, value = self._pipe.recv()
            if kind == "begun":  # a process that still starts is not at work yet
                beyond = limits.watch(self._process.pid or 0, arguments)
            elif kind == "progress":
                on_progress(*value)
            elif kind == "error":
                raise value
            else:
                return value

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.terminate()
        self._process.join(STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()


def _serve(pipe: Connection, threads: int, busy: c_int) -> None:
    """The loop of a worker process; ends when the parent closes the pipe or is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    share_cores(lambda: busy.value)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    signal.signal(signal.SIGTERM, _leave)
    warnings.simplefilter("ignore")  # of libraries; tests show ours
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)
    try:
        while True:
            function, arguments = pipe.recv()
            pipe.send(("begun", None))
            pipe.send(_answer(function, arguments, pipe))
    except (EOFError, ConnectionError):
        return


def _never() -> None:
    """Tell of nobody that it is beyond a limit."""


def _end_with_parent() -> None:
    """End this process when its parent is gone, whatever it does: a training step waits for nobody.

    What it leaves half made is removed by the next command, as its lock is free then.
    """
    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    """Set variables for a process about to start, unless the user has; other children don't inherit them."""
    own = settings.keys() - os.environ.keys()
    os.environ.update({name: settings[name] for name in own})
    try:
        yield
    finally:
        for name in own:
            del os.environ[name]


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Exit with all cleaning up, which a second signal must not disturb."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...], pipe: Connection) -> tuple[str, Any]:
    try:
        return "result", function(*arguments, lambda done, total: pipe.send(("progress", (done, total))))
    except (EOFError, ConnectionError):
        raise
    except Exception as error:  # noqa: BLE001  # whatever a job raises is raised again where it was asked for
        note = traceback.format_exc()  # a traceback does not travel, a note does
        sent = error if _travels(error) else RuntimeError(f"{type(error).__name__}: {error}")
        sent.add_note(note)
        return "error", sent


def _travels(error: Exception) -> bool:
    """Return whether the parent would get an error: some can't be pickled, some can't be made again."""
    try:
        pickle.loads(pickle.dumps(error))  # nosec B301  # its own bytes
    except Exception:  # noqa: BLE001  # errors of any library, which may raise anything here
        return False
    return True
