"""A console that prints what it is given: no word of a user or a model is taken for markup or emoji."""

import sys

from rich.console import Console
from rich.progress import TextColumn


def plain_console(*, stderr: bool = False) -> Console:
    """Return a console for the terminal, where ``[/bold]`` is eight characters."""
    file = sys.stderr if stderr else sys.stdout
    return Console(file=file, markup=False, highlight=False, emoji=False)


def plain_column(template: str) -> TextColumn:
    """Return a column of a progress display that takes nothing for markup."""
    return TextColumn(template, markup=False)
