"""The table of requests written anew, so that the spreadsheet that saved it still reads it."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from siu.data.intake.notes import Notes
from siu.data.intake.requests import OPTIONAL, REQUIRED, RequestTable, read_table_of_requests
from siu.data.intake.table import MAX_BYTES, MAX_ROWS, Row, column_names, table_text
from siu.errors import InputError
from siu.storage.durable import replace_bytes

COLUMNS = (*REQUIRED, *OPTIONAL)
NO_ROWS = "E-CSV-005"


def written_rows(table: Path) -> RequestTable:
    """Return a table's rows; none where it is absent or has no rows.

    Raises:
        InputError: ``E-CSV-…`` it can't be read.
    """
    if not table.exists() or (table.is_file() and not table.read_bytes().strip()):
        return RequestTable(table)
    try:
        return read_table_of_requests(table)
    except InputError as error:
        if error.code == NO_ROWS:
            return RequestTable(table)
        raise


def refuse_broken_rows(rows: Iterable[Row]) -> None:
    """Refuse rows that would lose cells if they were written again.

    Raises:
        InputError: ``E-CSV-004`` a row's cells can't be told apart.
    """
    for row in rows:
        if row.fault is not None:
            raise row.fault


def write_table(table: Path, rows: Iterable[Row]) -> None:
    """Write a table anew, as a whole or not at all, with the separator and the byte order mark it has.

    Its columns stay in their order; those that rows have beyond it follow. A table that is not plain UTF-8
    gets a byte order mark: a spreadsheet that wrote another encoding would take UTF-8 without it for its own.

    Args:
        table: The file; a new one is plain UTF-8 with commas.
        rows: What is to stand in it.

    Raises:
        InputError: ``E-CSV-001`` it would be too large to be read again, ``004`` a row would lose cells.
        OSError: It can't be written; the former file is still there.
    """
    lines = list(rows)
    refuse_broken_rows(lines)
    separator, encoding, columns = _form(table)
    text = io.StringIO()
    columns = list(dict.fromkeys((*columns, *(column for row in lines for column in row.cells))))
    writer = csv.DictWriter(text, columns, restval="", delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row.cells for row in lines)
    content = text.getvalue().encode(encoding)
    if len(lines) > MAX_ROWS or len(content) > MAX_BYTES:
        what = f"it would have more than {MAX_ROWS} rows or {MAX_BYTES} bytes"
        raise InputError("E-CSV-001", what, "Use `siu request add`, or `siu request import`", str(table))
    replace_bytes(table, content)


def _form(table: Path) -> tuple[str, str, list[str]]:
    """Return separator, encoding and columns for a table."""
    if not table.is_file() or not table.read_bytes().strip():
        return ",", "utf-8", list(COLUMNS)
    text = table_text(table, REQUIRED, Notes())
    _, header = next(text.lines(table))
    columns = [name for name in column_names(header, COLUMNS) if name]
    return text.separator, "utf-8" if text.encoding == "utf-8" else "utf-8-sig", columns
