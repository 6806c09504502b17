"""Whether a second thread would have a core of its own."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Busy = Callable[[], int]
"""How many processes are at work on the machine, this one counted."""


def _alone() -> int:
    return 1


_busy: Busy = _alone


def share_cores(busy: Busy) -> None:
    """Leave other processes their cores from now on."""
    global _busy  # a process has one, as the machine has
    _busy = busy


@contextmanager
def one_core() -> Iterator[None]:
    """Work with one thread: for counters and profilers that see no other."""
    before = _busy
    share_cores(_count)
    try:
        yield
    finally:
        share_cores(before)


def has_spare_core() -> bool:
    """Return whether every process at work can have two cores."""
    return 2 * _busy() <= _count()


def _count() -> int:
    return os.cpu_count() or 1
