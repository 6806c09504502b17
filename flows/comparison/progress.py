"""Progress of a study: one bar with the time left on a terminal, else a line per piece of work."""

import threading
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from flows.terminal.console import plain_column, plain_console
from siu.comparison.countdown import Countdown


class Progress(Protocol):
    """Where progress is shown; safe to call from several threads."""

    def begin(self, phase: str, pieces: int) -> None:
        """Say that a phase of so many pieces begins."""

    def piece(self, label: str, text: str) -> None:
        """Say that a piece is done and what came of it."""


class Bar:
    """A bar per phase on a terminal."""

    def __init__(self, console: Console) -> None:
        columns = (
            plain_column("{task.fields[phase]:<12}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            plain_column("{task.description}"),
            TimeElapsedColumn(),
        )
        self._progress = RichProgress(*columns, console=console)
        self._row = TaskID(0)
        self._lock = threading.Lock()

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, phase: str, pieces: int) -> None:
        """Begin a bar."""
        self._countdown = Countdown(pieces)
        self._row = self._progress.add_task("", total=pieces, phase=phase)

    def piece(self, label: str, text: str) -> None:
        """Fill the bar by one."""
        with self._lock:
            far = self._countdown.piece_done()
            self._progress.update(self._row, advance=1, description=f"{far}  {label}: {text}")


class Lines:
    """One line per piece, for log files and schedules."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def begin(self, phase: str, pieces: int) -> None:
        """Begin a phase."""
        self._phase, self._countdown = phase, Countdown(pieces)

    def piece(self, label: str, text: str) -> None:
        """Print the piece and how far the phase is."""
        with self._lock:
            far = self._countdown.piece_done()
            line = f"{self._phase} {label}: {text} ({far})"
            self._console.print(line, soft_wrap=True)


def make_progress() -> Bar | Lines:
    """Return a bar on a terminal, lines elsewhere; both write to stderr."""
    console = plain_console(stderr=True)
    return Bar(console) if console.is_terminal else Lines(console)
