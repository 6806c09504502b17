"""Which requests there are: those of the records and those of the table, and what each asks for."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from siu.audit.events import RECEIVED
from siu.audit.ledger import Ledger
from siu.data.intake.names import name_key
from siu.data.intake.notes import Notes
from siu.data.intake.request_row import ReceivedRow, check_row
from siu.data.intake.requests import RequestTable, read_table_of_requests
from siu.data.intake.table_writer import NO_ROWS, written_rows
from siu.data.requests.records import Content, RequestRecords
from siu.data.requests.taken import content_of, ids_of, with_records
from siu.errors import InputError
from siu.problems import Problems
from siu.storage.workspace import Workspace


def records_of(workspace: Workspace) -> RequestRecords:
    """Return the workspace's private file of requests."""
    return RequestRecords(workspace.request_records, workspace.request_lock)


def all_requests(workspace: Workspace, table: Path) -> RequestTable:
    """Return the requests of the table and of the records; if there are records, the table may have no rows.

    Raises:
        InputError: ``E-CSV-…`` the table can't be read.
    """
    requests = records_of(workspace).read()
    try:
        read = read_table_of_requests(table)
    except InputError as error:
        is_empty = error.code == NO_ROWS or not table.exists()
        if not requests.added or not is_empty:
            raise
        read = RequestTable(table, (), Notes())
    return with_records(read, requests, workspace.request_store)


def table_rows(workspace: Workspace) -> tuple[ReceivedRow, ...]:
    """Return the rows of the table; none where it is absent or has none.

    Raises:
        InputError: ``E-CSV-…`` it can't be read, so nobody knows what it says of a request.
    """
    return written_rows(workspace.requests_csv(workspace.params())).rows


def known_ids(workspace: Workspace) -> set[str]:
    """Return every id that a request has or had: of the table, the records and the ledger.

    Raises:
        InputError: ``E-CSV-…`` the table can't be read.
    """
    return {*received_ids(workspace), *ids_of(table_rows(workspace))}


def received_ids(workspace: Workspace) -> set[str]:
    """Return the ids of the records and the ledger."""
    entries = Ledger(workspace.ledger).entries()
    received = {entry.request_id for entry in entries if entry.event == RECEIVED}
    return {*received, *records_of(workspace).read().added}


def free_id(taken: Iterable[str], store: Path) -> str:
    """Return an id that no request has or had, nor a picture in the store: it may be another request's."""
    number, known = 1, set(taken)
    while f"r-{number}" in known or (store / f"r-{number}.png").exists():
        number += 1
    return f"r-{number}"


def display_names(workspace: Workspace) -> dict[str, str]:
    """Return the name that each request is asked for by, as it is written: in its record, else in its row.

    Raises:
        InputError: ``E-CSV-…`` the table can't be read.
    """
    rows = {row.request_id: row.row["name"] for row in table_rows(workspace) if row.row.fault is None}
    added = records_of(workspace).read().added
    return {**rows, **{request_id: content.name for request_id, content in added.items()}}


def open_requests(workspace: Workspace) -> Iterator[tuple[str, Content]]:
    """Yield what is asked for and was not withdrawn, with its id: the records', then the table's sound rows.

    The pictures of the table's rows are decoded, one after the other.

    Raises:
        InputError: ``E-CSV-…`` the table can't be read.
    """
    requests = records_of(workspace).read()
    known = {*requests.added, *requests.withdrawn}
    for request_id, content in requests.added.items():
        if request_id not in requests.withdrawn:
            yield request_id, content
    for row in table_rows(workspace):
        checked = None if row.request_id in known else check_row(row, Problems(), Notes())
        if checked is not None:
            yield row.request_id, content_of(checked, source=row.row.file.name)


def refuse_clash(request_id: str, content: Content, others: Iterable[tuple[str, Content]]) -> None:
    """Refuse what the batch would refuse together with another request.

    Raises:
        InputError: ``E-REQ-006`` another request has the name with another picture, ``007`` spells it
            differently, ``008`` has the picture under another name.
    """
    for other_id, other in others:
        same_name = name_key(other.name) == name_key(content.name)
        same_picture = other.picture == content.picture
        if same_name and not same_picture:
            what = f"{other_id} asks for {other.name!r} with another picture"
            raise InputError("E-REQ-006", what, "Use one picture if one concept is meant", request_id)
        if same_name and other.name != content.name:
            what = f"{other_id} spells it {other.name!r}"
            raise InputError("E-REQ-007", what, "Spell it the same way", request_id)
        if same_picture and not same_name:
            what = f"{other_id} has the same picture under another name"
            raise InputError("E-REQ-008", what, "Give each concept a picture of its own", request_id)
