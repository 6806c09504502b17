"""How far work has come, on stderr and only where somebody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from flows.terminal.console import plain_column, plain_console


@contextmanager
def counted(what: str) -> Iterator[Callable[[int], None]]:
    """Show a running count while the block works.

    Args:
        what: What is counted.

    Yields:
        To be called with the number of things done since the last call.
    """
    columns = (SpinnerColumn(), plain_column("{task.completed} {task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=plain_console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda count: progress.advance(task, count)


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the block works.

    Args:
        what: What is counted.

    Yields:
        To be called with the number of things done and in all.
    """
    columns = (plain_column("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=plain_console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
