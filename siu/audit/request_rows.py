"""What a request asks for, as it stands in the table or among the records, read by the auditor's program.

It reads what `siu.data.intake.table` reads, with nothing of the pipeline: cells by column, blanks around them
removed, empty ones left out. Of a record the whole line counts.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

RECORDS = ".jsonl"
SEPARATORS = ",;\t"
ID = "request_id"


def plain_row(cells: dict[str, str]) -> dict[str, Any]:
    """Return what is bound of a table's row: the cells that are not empty, but for the id it is known by."""
    return {column: text.strip() for column, text in cells.items() if text.strip() and column != ID}


def row_in(file: Path, request_id: str) -> dict[str, Any] | None:
    """Return what a table, or a file of records, says of a request; None where it says nothing.

    Of several rows of one request the last counts.

    Raises:
        OSError: The file can't be read.
        ValueError: It is no table.
    """
    content = file.read_bytes()
    rows = _records(content) if file.suffix == RECORDS else _rows(content)
    return rows.get(request_id)


def _rows(content: bytes) -> dict[str, dict[str, Any]]:
    text = _decoded(content)
    try:
        for separator in SEPARATORS:
            lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
            names = [_column(name) for name in next(lines, [])]
            if ID in names:
                rows = [dict(zip(names, cells, strict=False)) for cells in lines]
                return {row.get(ID, "").strip().lower(): plain_row(row) for row in rows}
    except csv.Error as error:
        raise ValueError(str(error)) from None
    raise ValueError(f"it has no column {ID}")


def _records(content: bytes) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for line in content.splitlines():
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue  # torn by a process that died, or changed: then its request is missing
        if isinstance(record, dict) and record.get("action") == "added":
            rows.setdefault(str(record.get(ID)), {"record": line.decode(errors="replace")})
    return rows


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _column(name: str) -> str:
    return "_".join(name.replace("-", " ").replace("_", " ").casefold().split())
