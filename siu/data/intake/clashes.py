"""What rows of one table must not do to one another; all sides are refused: nobody knows which is right."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from siu.data.intake.names import name_key
from siu.data.intake.notes import Notes
from siu.data.intake.request_row import CheckedRow
from siu.errors import InputError

Clash = tuple[CheckedRow, InputError]
"""A row, and what another row does to it."""


def without_repetitions(checked: Sequence[CheckedRow], notes: Notes) -> list[CheckedRow]:
    """Keep the first of rows that are equal in all fields."""
    kept: list[CheckedRow] = []
    by_id: defaultdict[str, list[CheckedRow]] = defaultdict(list)
    for row in checked:
        same = by_id[row.request.request_id]
        if any(row.request == earlier.request for earlier in same):
            notes.add("the row repeats another one and counts once", row.row.line)
            continue
        same.append(row)
        kept.append(row)
    return kept


def clashes(checked: Sequence[CheckedRow]) -> Iterator[Clash]:
    """Yield what is wrong between rows, for each of the rows concerned.

    ``E-REQ-005`` one id for two requests, ``006`` one name with two pictures, ``007`` one name spelled in two
    ways, ``008`` one picture under two names.
    """
    by_name: defaultdict[str, list[CheckedRow]] = defaultdict(list)
    by_picture: defaultdict[str, list[CheckedRow]] = defaultdict(list)
    by_id: defaultdict[str, list[CheckedRow]] = defaultdict(list)
    for row in checked:
        by_id[row.request.request_id].append(row)
        by_name[name_key(row.request.name)].append(row)
        by_picture[row.picture].append(row)
    for same in by_id.values():
        yield from _same_id(same)
    for same in by_name.values():
        yield from _same_name(same)
    for same in by_picture.values():
        yield from _same_picture(same)


def id_used_twice(row: CheckedRow, line: int | None = None) -> InputError:
    """Return the problem of a row whose id another request has too: that on a line, if it is known."""
    place = "another line" if line is None else f"line {line}"
    what = f"{place} uses the same id for another request"
    return InputError("E-REQ-005", what, "Give each request its own id", row.row.where("request_id"))


def _same_id(rows: Sequence[CheckedRow]) -> Iterator[Clash]:
    for row, other in _against_another(rows):
        yield row, id_used_twice(row, other.row.line)


def _same_name(rows: Sequence[CheckedRow]) -> Iterator[Clash]:
    several_pictures = len({row.picture for row in rows}) > 1
    if not several_pictures and len({row.request.name for row in rows}) == 1:
        return
    for row, other in _against_another(rows):
        line, where = other.row.line, row.row.where("name")
        if several_pictures:
            what = f"line {line} has the same name, or one that looks alike, with another picture"
            remedy = "Use one picture if one concept is meant; else tell the names apart"
            yield row, InputError("E-REQ-006", what, remedy, where)
        else:
            what = f"line {line} spells the name differently"
            yield row, InputError("E-REQ-007", what, "Spell it the same way", where)


def _same_picture(rows: Sequence[CheckedRow]) -> Iterator[Clash]:
    if len({name_key(row.request.name) for row in rows}) == 1:
        return
    for row, other in _against_another(rows):
        what = f"line {other.row.line} has the same picture under another name"
        remedy = "Give each concept a picture of its own"
        yield row, InputError("E-REQ-008", what, remedy, row.row.where("image"))


def _against_another(rows: Sequence[CheckedRow]) -> Iterator[tuple[CheckedRow, CheckedRow]]:
    """Yield each of several rows with another one: the first, or for the first the second."""
    for index, row in enumerate(rows):
        if len(rows) > 1:
            yield row, rows[0 if index else 1]
