"""Ctrl-C and SIGTERM end the workers at once, so that nobody waits for a training step."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.runtime.workers import Workers

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM came: a service manager, a container or `kill` wants an end."""


def end(number: int) -> None:
    """Raise what a signal stands for: `KeyboardInterrupt` as ever, or `Terminated`."""
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


@contextmanager
def ended_by_signals(first: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what runs in the block, both in the same way.

    Args:
        first: What is done before the exception is raised.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        first()
        end(number)

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def stopped_by_signals(workers: "Workers") -> Iterator[None]:
    """Stop the workers when the user presses Ctrl-C or the process is told to end."""
    with ended_by_signals(workers.stop):
        yield
