"""Tables that users write: CSV read as spreadsheets save it, with the place of every problem."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from siu.data.intake.notes import Notes
from siu.data.intake.table_text import MAX_BYTES as MAX_BYTES
from siu.data.intake.table_text import SEPARATORS, TableText, read_table_text
from siu.errors import InputError
from siu.problems import Problems

MAX_ROWS = 10_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        file: The table.
        line: Line on which the row begins, counted from 1.
        cells: Column name to text, blanks around it removed; a column that is absent is not in it.
        fault: What is wrong with the row's form, if anything: more cells than columns.
    """

    file: Path
    line: int
    cells: dict[str, str]
    fault: InputError | None = None

    def __getitem__(self, column: str) -> str:
        """Return a cell's text; empty for an optional column that is absent."""
        return self.cells.get(column, "")

    def where(self, column: str) -> str:
        """Return the place of a cell: ``requests.csv:3:name``."""
        return f"{self.file}:{self.line}:{column}"


def read_table(
    path: Path, *, required: Collection[str], optional: Collection[str] = (), problems: Problems
) -> list[Row]:
    """Return the sound rows of a table; see `read_rows`, whose notes go to the log here.

    What is wrong goes to ``problems``: what `read_rows` raises, and ``E-CSV-004`` a row with more cells than
    columns, or one that ends before a required column. The rows before a broken one are returned all the
    same, so that their problems are reported too.
    """
    rows: list[Row] = []
    notes = Notes()
    before = len(problems)
    with problems.noted():
        for row in _rows(path, required, optional, notes):
            fault = row.fault or _ends_early(row, required)
            if fault is None:
                rows.append(row)
            else:
                problems.add(fault)
        if not rows and len(problems) == before:
            raise _no_rows(path)
    for text in notes.texts(str(path)):
        _log.warning(text)
    return rows


def read_rows(
    path: Path, *, required: Collection[str], optional: Collection[str] = (), notes: Notes
) -> list[Row]:
    """Return all rows of a table that can be read as one, also those whose form is wrong (`Row.fault`).

    The columns stand in any order and spelling of blanks and capitals. Rows and columns that are blank are
    passed over; cells that are left out at a row's end are empty. UTF-8, UTF-16 with a byte order mark and
    what can only be Windows-1252 are read, with commas, semicolons or tabs.

    Args:
        path: The file.
        required: Columns that must be there.
        optional: Columns that may be there.
        notes: Takes what was read differently from how it is written.

    Raises:
        InputError: ``E-CSV-001`` the file is missing, too large or holds too many rows, ``002`` its encoding,
            ``003`` its columns, ``004`` a quote that is not closed, ``005`` it has no rows.
    """
    rows = list(_rows(path, required, optional, notes))
    if not rows:
        raise _no_rows(path)
    return rows


def _rows(path: Path, required: Collection[str], optional: Collection[str], notes: Notes) -> Iterable[Row]:
    text = table_text(path, required, notes)
    lines = text.lines(path)
    _, header = next(lines, (1, []))
    names = column_names(header, (*required, *optional))
    _check_header(path, names, required, optional)
    if [name.strip() for name in header if name.strip()] != [name for name in names if name]:
        notes.add("columns are written with other capitals or blanks", 1)
    count = 0
    for line, cells in lines:
        texts = [cell.strip() for cell in cells]
        if not any(texts):
            notes.add("blank rows are passed over", line)
            continue
        if count == MAX_ROWS:
            raise InputError("E-CSV-001", f"more than {MAX_ROWS} rows", "Split the file", f"{path}:{line}")
        count += 1
        yield _row(path, line, names, texts, SEPARATORS[text.separator])


def table_text(path: Path, required: Collection[str], notes: Notes) -> TableText:
    """Return the text of a table that has these columns; see `siu.data.intake.table_text.read_table_text`."""
    needed = {_key(column) for column in required}
    return read_table_text(path, lambda cells: needed <= set(map(_key, cells)), notes)


def column_names(header: Iterable[str], columns: Iterable[str]) -> list[str]:
    """Return the names of a header's cells: a column's own where one is meant, else what is written."""
    known = {_key(column): column for column in columns}
    return [known.get(_key(name), name.strip()) for name in header]


def _row(path: Path, line: int, names: list[str], texts: list[str], separators: str) -> Row:
    cells = {name: text for name, text in zip(names, texts, strict=False) if name}
    nameless = [text for name, text in zip(names, texts, strict=False) if not name]
    fault = None
    if any(nameless) or any(texts[len(names) :]):
        what = f"{len(texts)} cells instead of {len([name for name in names if name])}"
        remedy = f'Put a cell that holds {separators} into "quotes"'
        fault = InputError("E-CSV-004", what, remedy, f"{path}:{line}")
    return Row(path, line, cells, fault)


def _key(column: str) -> str:
    """Return what the spellings of one column share: ``Request ID`` is ``request_id``."""
    return "_".join(column.replace("-", " ").replace("_", " ").casefold().split())


def _ends_early(row: Row, required: Collection[str]) -> InputError | None:
    for column in required:
        if column not in row.cells:
            what = f"the row ends before the column {column!r}"
            return InputError("E-CSV-004", what, "Fill it in", f"{row.file}:{row.line}")
    return None


def _no_rows(path: Path) -> InputError:
    return InputError("E-CSV-005", "the table has no rows", "Write one row per entry", str(path))


def _check_header(path: Path, names: list[str], required: Collection[str], optional: Collection[str]) -> None:
    """Refuse missing, unknown and repeated columns, all in one message."""
    named = [name for name in names if name]
    faults = [f"no column {name!r}" for name in required if name not in named]
    faults += [f"unknown column {name!r}" for name in named if name not in {*required, *optional}]
    faults += [f"column {name!r} twice" for name in sorted({n for n in named if named.count(n) > 1})]
    if faults:
        remedy = "Separate by commas: " + ",".join(required)
        if optional:
            remedy += " and, if you like, " + ",".join(optional)
        raise InputError("E-CSV-003", "; ".join(faults), remedy, f"{path}:1")
