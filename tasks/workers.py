"""Worker processes: the torch work of a batch, one job at a time each, with progress and a clean end.

Concepts run side by side in processes of one thread each: a small model spends much of its time in Python,
so that threads of one process would wait for each other. A worker keeps the base model between its jobs, can
be ended at any time, ends by itself when its parent does, and takes only its own job with it when it dies.
"""

import os
import queue
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import gettempdir
from types import FrameType
from typing import Any, Protocol, TypeVar

from filelock import FileLock

from siu.errors import ConceptError, StateError

T = TypeVar("T")
OnProgress = Callable[[int, int], None]
GPU_LOCK = "siu-gpu.lock"
STOP_SECONDS = 3


class Runner(Protocol):
    """Runs a job ``function(*arguments, on_progress)`` somewhere and returns what it returns."""

    def run(self, function: Callable[..., T], *arguments: Any, on_progress: OnProgress) -> T:
        """Run one job; its errors are raised here."""
        ...


class Inline:
    """Runs jobs where it is called; what tests and notebooks use."""

    def run(self, function: Callable[..., T], *arguments: Any, on_progress: OnProgress) -> T:
        """Run one job in this process."""
        return function(*arguments, on_progress)


class Workers:
    """A fixed number of worker processes, started when the first job comes.

    On a GPU one worker takes all jobs, under a lock that other batches on the machine respect as well.

    Args:
        count: Jobs at the same time on a CPU.
        threads: Torch threads per worker.
        device: ``auto``, ``cpu`` or ``cuda``.
    """

    def __init__(self, count: int, threads: int, device: str) -> None:
        self._count, self._threads, self._device = count, threads, device
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()  # the last one has the warmest caches
        self._all: list[_Worker] = []
        self._gpu_lock: FileLock | None = None
        self._starting = threading.Lock()
        self._closed = False

    def run(self, function: Callable[..., T], *arguments: Any, on_progress: OnProgress) -> T:
        """Run one job on a free worker, waiting for one if need be.

        Raises:
            ConceptError: The worker died; others go on, and a new one takes its place.
            StateError: The workers were stopped.
        """
        self.start()
        self._refuse_if_closed()
        worker = self._idle.get()
        try:
            self._refuse_if_closed()
            if self._gpu_lock is None:
                return worker.run(function, arguments, on_progress)  # type: ignore[no-any-return]
            with self._gpu_lock:
                return worker.run(function, arguments, on_progress)  # type: ignore[no-any-return]
        except (EOFError, ConnectionError) as error:
            self._refuse_if_closed()
            worker = self._replace(worker)
            raise ConceptError(
                "E-RUN-001", "the worker process died", "See whether memory is short, then run again"
            ) from error
        finally:
            self._idle.put(worker)

    def start(self) -> None:
        """Start the processes, unless they are started; on a GPU only one of them stays.

        Raises:
            StateError: They die at once.
        """
        with self._starting:
            if self._all or self._closed:
                return
            count = 1 if self._device == "cuda" else self._count
            workers = [_Worker(self._threads) for _ in range(count)]
            try:
                if self._device != "cpu" and workers[0].run(_has_gpu, (), _ignore):
                    self._gpu_lock = FileLock(Path(gettempdir()) / GPU_LOCK, thread_local=False)
            except (EOFError, ConnectionError) as error:
                for worker in workers:
                    worker.stop()
                raise StateError(
                    "E-RUN-007",
                    "the worker processes die as soon as they start",
                    "Read what they wrote; a script of your own needs `if __name__ == '__main__':`",
                ) from error
            if self._gpu_lock is not None:
                for spare in workers[1:]:
                    spare.stop()
                workers = workers[:1]
            self._all = workers
            for worker in workers:
                self._idle.put(worker)
        if self._closed:  # stopped meanwhile
            self.stop()

    def stop(self) -> None:
        """End all processes at once; jobs under way fail with `StateError`."""
        self._closed = True
        for worker in self._all:
            worker.stop()

    def _replace(self, dead: "_Worker") -> "_Worker":
        dead.stop()
        fresh = _Worker(self._threads)
        self._all = [fresh if worker is dead else worker for worker in self._all]
        return fresh

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise StateError("E-RUN-002", "the batch was stopped", "Start it again: finished work is kept")

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, threads: int) -> None:
        context = get_context("spawn")  # a fork would inherit Prefect's threads and locks
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, threads), daemon=True)
        self._process.start()
        theirs.close()

    def run(self, function: Callable[..., Any], arguments: tuple[Any, ...], on_progress: OnProgress) -> Any:
        self._pipe.send((function, arguments))
        while True:
            kind, value = self._pipe.recv()
            if kind == "progress":
                on_progress(*value)
            elif kind == "error":
                raise value
            else:
                return value

    def stop(self) -> None:
        self._process.terminate()
        self._process.join(STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()


def _serve(pipe: Connection, threads: int) -> None:
    """The loop of a worker process; ends when the parent closes the pipe or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C means
    signal.signal(signal.SIGTERM, _leave)
    warnings.simplefilter("ignore")  # of libraries; tests show ours
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)
    try:
        while True:
            function, arguments = pipe.recv()
            pipe.send(_answer(function, arguments, pipe))
    except (EOFError, ConnectionError):
        return


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
        error.add_note(traceback.format_exc())  # a traceback does not travel, a note does
        return "error", error


def _has_gpu(on_progress: OnProgress) -> bool:
    import torch

    on_progress(1, 1)
    return torch.cuda.is_available()


def _ignore(done: int, total: int) -> None:
    """Report nothing."""
