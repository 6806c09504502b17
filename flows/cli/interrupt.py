"""Ctrl-C ends the workers at once, so that nobody waits for a training step."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tasks.runtime.workers import Workers


@contextmanager
def stopped_by_ctrl_c(workers: Workers) -> Iterator[None]:
    """Stop the workers when the user presses Ctrl-C, then raise `KeyboardInterrupt` as ever."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        workers.stop()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
