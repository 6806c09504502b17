"""What was read differently from how it was written: said once per kind of thing, with the lines."""

from collections.abc import Iterable

SHOWN_LINES = 3


class Notes:
    """Notes on one table, in the order in which they came up; they hold places, never names."""

    def __init__(self) -> None:
        self._lines: dict[str, list[int]] = {}

    def add(self, what: str, line: int | None = None) -> None:
        """Note something about a line, or about the whole table."""
        lines = self._lines.setdefault(what, [])
        if line is not None and line not in lines:
            lines.append(line)

    def texts(self, table: str) -> tuple[str, ...]:
        """Return a sentence per note: ``requests.csv:2,3,4 and 7 more: the kind is in capitals``."""
        return tuple(f"{table}{_places(lines)}: {what}" for what, lines in self._lines.items())


def _places(lines: Iterable[int]) -> str:
    ordered = sorted(lines)
    shown, left = ordered[:SHOWN_LINES], len(ordered) - SHOWN_LINES
    places = ",".join(map(str, shown)) + (f" and {left} more" if left > 0 else "")
    return f":{places}" if places else ""
