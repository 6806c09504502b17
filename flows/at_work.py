"""Worker processes for the length of one command."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flows.terminal.interrupt import stopped_by_signals
from siu.config.params import RuntimeParams
from siu.errors import StateError
from tasks.runtime.limits import limits_of
from tasks.runtime.workers import Runner, Workers


@contextmanager
def at_work(runtime: RuntimeParams, runner: Runner | None, has_work: bool) -> Iterator[Runner]:
    """Yield the runner, or else worker processes, which start at once if there is anything to do."""
    if runner is not None:
        yield runner
        return
    started = Workers(runtime.workers, runtime.threads, runtime.device, limits_of(runtime))
    with started as workers, stopped_by_signals(workers):
        if has_work:
            threading.Thread(target=_start, args=(workers,), daemon=True).start()
        yield workers


def _start(workers: Workers) -> None:
    with suppress(StateError):  # the first job meets the same error and reports it
        workers.start()
