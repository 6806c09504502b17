"""A progress display that a person can follow: one row per request on a terminal, else lines."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TimeElapsedColumn

from flows.terminal.console import plain_column, plain_console
from tasks.runtime.workers import OnProgress

EVERY = 30.0
"""Seconds from one line of a stage to its next, where no terminal shows a bar."""


class Display(Protocol):
    """Where progress is shown; safe to call from several threads."""

    def row(self, subject: str, stages: int) -> None:
        """Begin the row of a request, the base model or the release."""

    def stage(self, subject: str, name: str) -> OnProgress:
        """Say that a stage begins; return what to call with done and total."""
        ...

    def done(self, subject: str, text: str, skipped: bool = False) -> None:
        """Say that a row's stage is done."""

    def finish(self, subject: str, text: str) -> None:
        """Say what came of a row."""

    def say(self, text: str) -> None:
        """Print a line of its own."""


class Rows:
    """Rows with bars on a terminal."""

    def __init__(self, console: Console) -> None:
        columns = (
            plain_column("{task.fields[subject]:<14}"),
            BarColumn(bar_width=32),
            plain_column("{task.description}"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console)
        self._rows: dict[str, TaskID] = {}
        self._stages: dict[str, int] = {}
        self._lock = threading.Lock()  # several parts of a stage may work for one row

    def __enter__(self) -> "Rows":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def row(self, subject: str, stages: int) -> None:
        """Begin a row."""
        self._rows[subject] = self._progress.add_task("waiting", total=stages, subject=subject)
        self._stages[subject] = 0

    def stage(self, subject: str, name: str) -> OnProgress:
        """Begin a stage of the row."""
        row = self._rows[subject]
        self._progress.update(row, description=name)

        def on_progress(done: int, total: int) -> None:
            with self._lock:
                share = done / max(total, 1)
                completed = self._stages[subject] + share
                self._progress.update(row, completed=completed, description=f"{name} {done}/{total}")

        return on_progress

    def done(self, subject: str, text: str, skipped: bool = False) -> None:
        """Fill the stage's part of the row."""
        with self._lock:
            self._stages[subject] += 1
            self._progress.update(self._rows[subject], completed=self._stages[subject], description=text)

    def finish(self, subject: str, text: str) -> None:
        """Stop the row's clock."""
        row = self._rows[subject]
        total = self._progress.tasks[row].total
        self._progress.update(row, completed=total, description=text)
        self._progress.stop_task(row)

    def say(self, text: str) -> None:
        """Print above the rows."""
        self._progress.console.print(text)


class Lines:
    """A line per stage and, while it lasts, one now and then: for log files and schedules.

    Args:
        console: Where to.
        every: Seconds from one line of a stage to its next.
        clock: What tells the seconds.
    """

    def __init__(
        self, console: Console, every: float = EVERY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._every = every
        self._clock = clock
        self._lock = threading.Lock()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def row(self, subject: str, stages: int) -> None:
        """Rows begin silently."""

    def stage(self, subject: str, name: str) -> OnProgress:
        """Return what prints how far the stage is, if its last line is long enough ago."""
        started = reported = self._clock()

        def on_progress(done: int, total: int) -> None:
            nonlocal reported
            now = self._clock()
            if now - reported >= self._every and done < total:
                reported = now
                self.say(f"{subject}: {name} {done}/{total} ({done / total:.0%}), {now - started:.0f} s")

        return on_progress

    def done(self, subject: str, text: str, skipped: bool = False) -> None:
        """Print the stage, unless it was skipped."""
        if not skipped:
            self.say(f"{subject}: {text}")

    def finish(self, subject: str, text: str) -> None:
        """Print the outcome."""
        self.say(f"{subject}: {text}")

    def say(self, text: str) -> None:
        """Print a line."""
        with self._lock:
            self._console.print(text, soft_wrap=True)


def make_display() -> Rows | Lines:
    """Return rows on a terminal, lines elsewhere; both write to stderr."""
    console = plain_console(stderr=True)
    return Rows(console) if console.is_terminal else Lines(console)
