"""Problems are gathered and reported in one go, never the first one only."""

from collections.abc import Iterator
from contextlib import contextmanager

from siu.errors import PreflightError, SiuError


class Problems:
    """The problems found so far, in the order in which they were found."""

    def __init__(self) -> None:
        self._found: list[SiuError] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, problem: SiuError) -> None:
        """Note a problem; the single problems of a `PreflightError` are noted one by one."""
        if isinstance(problem, PreflightError):
            self._found.extend(problem.problems)
        else:
            self._found.append(problem)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note the package's own errors that the block raises and go on after the block."""
        try:
            yield
        except SiuError as problem:
            self.add(problem)

    @property
    def found(self) -> tuple[SiuError, ...]:
        """What was noted."""
        return tuple(self._found)

    def raise_if_any(self) -> None:
        """Report everything that was noted.

        Raises:
            PreflightError: At least one problem was noted.
        """
        if self._found:
            raise PreflightError(tuple(self._found))
