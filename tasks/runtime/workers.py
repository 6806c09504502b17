"""Worker processes: the torch work of a batch, one job at a time each, with progress and a clean end.

Concepts run side by side in processes of one torch thread each; a job may take a second core where each of
those at work could. A worker keeps the base model between its jobs, can be ended at any time, and takes only
its own job with it when it dies.
"""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Protocol, TypeVar

from filelock import FileLock

from siu.errors import ConceptError, StateError
from tasks.runtime.limits import Limits
from tasks.runtime.worker_process import NO_LIMITS, SPAWN, BeyondLimit, OnProgress, WorkerProcess

__all__ = ["InTurn", "Inline", "OnProgress", "Runner", "Workers"]

T = TypeVar("T")
GPU_LOCK = "siu-gpu.lock"
_turn = threading.Lock()


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


class InTurn(Inline):
    """Runs jobs where it is called, one after the other in a process: its threads share a model."""

    def run(self, function: Callable[..., T], *arguments: Any, on_progress: OnProgress) -> T:
        """Run one job in this process when no other one is under way in it."""
        with _turn:
            return super().run(function, *arguments, on_progress=on_progress)


class Workers:
    """A fixed number of worker processes, started when the first job comes.

    On a GPU one worker takes all jobs, under a lock that other batches on the machine respect as well.

    Args:
        count: Jobs at the same time on a CPU.
        threads: Torch threads per worker.
        device: ``auto``, ``cpu`` or ``cuda``.
        limits: What a job may use; who is beyond is ended.
    """

    def __init__(self, count: int, threads: int, device: str, limits: Limits = NO_LIMITS) -> None:
        self._limits = limits
        self._count, self._threads, self._device = count, threads, device
        self._idle: queue.LifoQueue[WorkerProcess] = queue.LifoQueue()  # the last one has the warmest caches
        self._all: list[WorkerProcess] = []
        self._busy = SPAWN.RawValue("i", 0)  # a lock in it could be held by a worker that dies
        self._counting = threading.Lock()
        self._gpu_lock: FileLock | None = None
        self._starting = threading.Lock()
        self._closed = False

    def run(self, function: Callable[..., T], *arguments: Any, on_progress: OnProgress) -> T:
        """Run one job on a free worker, waiting for one if need be.

        Raises:
            ConceptError: ``E-RUN-001`` the worker died, ``051``, ``052`` it was beyond a limit; others go on,
                and a new one takes its place.
            StateError: The workers were stopped.
        """
        self.start()
        self._refuse_if_closed()
        worker = self._idle.get()
        try:
            self._refuse_if_closed()
            with self._gpu_lock or nullcontext(), self._counted():
                return worker.run(function, arguments, on_progress, self._limits)  # type: ignore[no-any-return]
        except BeyondLimit as beyond:
            worker = self._replace(worker)
            raise beyond.error from None
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
            workers = [self._fresh() for _ in range(count)]
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

    def _replace(self, dead: WorkerProcess) -> WorkerProcess:
        dead.stop()
        fresh = self._fresh()
        self._all = [fresh if worker is dead else worker for worker in self._all]
        return fresh

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Count a worker among those at work, until it is done or dead."""
        with self._counting:
            self._busy.value += 1
        try:
            yield
        finally:
            with self._counting:
                self._busy.value -= 1

    def _fresh(self) -> WorkerProcess:
        return WorkerProcess(self._threads, self._busy)

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise StateError("E-RUN-002", "the batch was stopped", "Start it again: finished work is kept")

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _has_gpu(on_progress: OnProgress) -> bool:
    import torch

    on_progress(1, 1)
    return torch.cuda.is_available()


def _ignore(done: int, total: int) -> None:
    """Report nothing."""
