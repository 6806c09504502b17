"""The table of requests without one row."""

import csv
import io
from pathlib import Path

from siu.data.intake.notes import Notes
from siu.data.intake.requests import read_table_of_requests
from siu.data.intake.table import table_text
from siu.errors import InputError
from siu.storage.durable import replace_text

COLUMNS = ("request_id", "name", "image")


def without_row(table: Path, request_id: str) -> bool:
    """Write a table anew without a request's row; return whether there was one."""
    if not table.is_file():
        return False
    try:
        known = read_table_of_requests(table)
    except InputError:  # a table without rows
        return False
    rows = [row.row.cells for row in known.rows if row.request_id != request_id]
    if len(rows) == len(known.rows):
        return False
    columns = list(dict.fromkeys((*COLUMNS, *(name for row in known.rows for name in row.row.cells))))
    text = io.StringIO()
    separator = table_text(table, COLUMNS, Notes()).separator
    writer = csv.DictWriter(text, columns, restval="", delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    replace_text(table, text.getvalue())
    return True
