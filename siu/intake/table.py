"""Tables that users write: CSV read strictly, with the place of every problem."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from siu.errors import InputError
from siu.problems import Problems

MAX_BYTES = 10_000_000
MAX_ROWS = 10_000


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        file: The table.
        line: Line on which the row begins, counted from 1.
        cells: Column name to text, blanks around it removed; a column that is absent is not in it.
    """

    file: Path
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell's text; empty for an optional column that is absent."""
        return self.cells.get(column, "")

    def where(self, column: str) -> str:
        """Return the place of a cell: ``requests.csv:3:name``."""
        return f"{self.file}:{self.line}:{column}"


def read_table(
    path: Path, *, required: Collection[str], optional: Collection[str] = (), problems: Problems
) -> list[Row]:
    """Return the rows of a CSV file in UTF-8 (a BOM is accepted), its columns in any order.

    What is wrong goes to ``problems``: ``E-CSV-001`` the file is missing, too large or holds too many rows,
    ``002`` it is not UTF-8, ``003`` its columns, ``004`` a row's form, ``005`` it has no rows. The rows
    before a broken one are returned all the same, so that their problems are reported too.
    """
    rows: list[Row] = []
    with problems.noted():
        lines = _lines(path, _text(path))
        _, header = next(lines, (1, []))
        names = [name.strip() for name in header]
        _check_header(path, names, required, optional)
        for line, cells in lines:
            if len(rows) == MAX_ROWS:
                raise InputError(
                    "E-CSV-001", f"more than {MAX_ROWS} rows", "Split the file", f"{path}:{line}"
                )
            if len(cells) != len(names):
                what = f"{len(cells)} cells instead of {len(names)}"
                remedy = 'Put a cell that holds a comma into "quotes"'
                problems.add(InputError("E-CSV-004", what, remedy, f"{path}:{line}"))
                continue
            rows.append(Row(path, line, dict(zip(names, (cell.strip() for cell in cells), strict=True))))
        if not rows and not len(problems):
            raise InputError("E-CSV-005", "the table has no rows", "Write one row per entry", str(path))
    return rows


def _text(path: Path) -> str:
    where = str(path)
    if not path.is_file():
        raise InputError("E-CSV-001", "the file is missing or not a file", "Create it as CSV", where)
    if path.stat().st_size > MAX_BYTES:
        raise InputError("E-CSV-001", f"the file is larger than {MAX_BYTES} bytes", "Split the file", where)
    remedy = "Save it as CSV in UTF-8"
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("E-CSV-002", f"not UTF-8 at byte {error.start}", remedy, where) from None
    if "\0" in text:
        raise InputError("E-CSV-002", "the file holds NUL characters", remedy, where)
    return text


def _lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line number and the cells of each row that is not blank."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        remedy = 'Close every quote; write a quote inside a cell as ""'
        raise InputError("E-CSV-004", f"broken row: {error}", remedy, f"{path}:{line}") from None


def _check_header(path: Path, names: list[str], required: Collection[str], optional: Collection[str]) -> None:
    """Refuse missing, unknown and repeated columns, all in one message."""
    faults = [f"no column {name!r}" for name in required if name not in names]
    faults += [f"unknown column {name!r}" for name in names if name not in {*required, *optional}]
    faults += [f"column {name!r} twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if faults:
        remedy = "Separate by commas: " + ",".join(required)
        if optional:
            remedy += " and, if you like, " + ",".join(optional)
        raise InputError("E-CSV-003", "; ".join(faults), remedy, f"{path}:1")
