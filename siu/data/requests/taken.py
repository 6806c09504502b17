"""Requests of the table and of the records as one table, so that all are judged in the same way."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from siu.data.intake.notes import Notes
from siu.data.intake.request_row import CheckedRow, ReceivedRow, check_row
from siu.data.intake.requests import RequestTable
from siu.data.intake.table import Row
from siu.data.requests.records import Content, Requests
from siu.problems import Problems

YES = "yes"


@dataclass(frozen=True)
class RecordRow(Row):
    """A record as a row: messages name the request, as there is no line."""

    def where(self, column: str) -> str:
        """Return the place of a cell: ``request r-7:name``."""
        return f"request {self['request_id']}:{column}"


def content_of(checked: CheckedRow, *, source: str) -> Content:
    """Return what a sound row asks for; its picture is still where it was."""
    request = checked.request
    return Content(
        request.name,
        request.kind,
        str(request.image),
        checked.picture,
        request.aliases,
        request.received.isoformat() if request.received else "",
        request.force,
        source,
        request.policy,
    )


def record_rows(requests: Requests, folder: Path) -> list[ReceivedRow]:
    """Return the added requests that nobody has withdrawn, as rows.

    Args:
        requests: What the records say.
        folder: Where the pictures of requests are.
    """
    return [
        ReceivedRow(request_id, _row(request_id, content, folder, line))
        for line, (request_id, content) in enumerate(requests.added.items(), start=1)
        if request_id not in requests.withdrawn
    ]


def with_records(table: RequestTable, requests: Requests, folder: Path) -> RequestTable:
    """Return a table without the requests that were withdrawn, and with those that stand in the records.

    A request that stands in both is what the record says; a row that says something else is noted.
    """
    notes = table.notes or Notes()
    rows = []
    for row in table.rows:
        content = requests.added.get(row.request_id)  # nosec B113  # no HTTP: a mapping of requests
        if row.request_id in requests.withdrawn:
            notes.add(f"{row.request_id} was withdrawn and is left out", row.row.line)
        elif content is None:
            rows.append(row)
        else:
            _note_difference(row, content, notes)
    return replace(table, rows=(*rows, *record_rows(requests, folder)), notes=notes)


def ids_of(rows: Iterable[ReceivedRow]) -> set[str]:
    """Return the ids of rows."""
    return {row.request_id for row in rows}


def _row(request_id: str, content: Content, folder: Path, line: int) -> RecordRow:
    cells = {
        "request_id": request_id,
        "name": content.name,
        "image": content.image,
        "kind": content.kind,
        "aliases": ";".join(content.aliases),
        "received": content.received,
        "force": YES if content.force else "",
        "policy": content.policy,
    }
    return RecordRow(folder / "records", line, cells)


def _note_difference(row: ReceivedRow, content: Content, notes: Notes) -> None:
    checked = check_row(row, Problems(), Notes())
    fields = ["form"] if checked is None else content.differences(content_of(checked, source=""))
    if fields:
        what = f"{row.request_id} is asked for otherwise than it was taken in ({', '.join(fields)}); "
        notes.add(f"{what}what was taken in counts", row.row.line)
