"""Requests as people handle them: added, imported, withdrawn, extended; each a record and a ledger entry."""

from dataclasses import dataclass, replace
from pathlib import Path

from siu.audit.author import actor
from siu.audit.events import RECEIVED
from siu.audit.ledger import Ledger
from siu.data.images import keep_clean_png, load_image
from siu.data.intake.notes import Notes
from siu.data.intake.request_row import ReceivedRow, check_row
from siu.data.intake.requests import RequestTable, read_table_of_requests, take_in
from siu.data.requests.open_dsr import read_open_dsr
from siu.data.requests.records import Action, Content, Record, RequestRecords
from siu.data.requests.taken import RecordRow, content_of, ids_of
from siu.errors import InputError, SiuError
from siu.problems import Problems
from siu.storage.clock import utc_now
from siu.storage.fault_points import fault_point
from siu.storage.workspace import Workspace
from tasks.history import History
from tasks.known_requests import (
    free_id,
    known_ids,
    open_requests,
    received_ids,
    records_of,
    refuse_clash,
    table_rows,
)

ADDED_BY_HAND = "siu request add"
MAX_REASON = 500


@dataclass(frozen=True)
class Imported:
    """What came of a file of requests, by id.

    Attributes:
        new: Those that were added.
        known: Those that were there already, as they are.
        changed: Those that were there already and are asked for otherwise now, with the fields; not taken.
        refused: Those that can't be served, with the problems.
        notes: What was read differently from how it is written.
    """

    new: tuple[str, ...]
    known: tuple[str, ...]
    changed: dict[str, list[str]]
    refused: dict[str, tuple[SiuError, ...]]
    notes: tuple[str, ...] = ()


def add_request(workspace: Workspace, cells: dict[str, str], picture: Path) -> str:
    """Add one request and return its id.

    Args:
        workspace: Where.
        cells: The columns of the table by name, but ``image``; without ``request_id`` one is given.
        picture: One picture, wherever it lies.

    Raises:
        PreflightError: Something is wrong with it.
        InputError: ``E-REQ-025`` the id is in use; ``006`` to ``008`` it clashes with another request of the
            records or the table (`refuse_clash`); ``E-CSV-…`` the table can't be read.
    """
    records = records_of(workspace)
    with records.locked():
        taken = known_ids(workspace)  # also of those that were purged
        request_id = cells.get("request_id") or free_id(taken, workspace.request_store)
        if request_id in records.read().added or request_id in ids_of(table_rows(workspace)):
            what, remedy = f"the id {request_id} is in use", "Use another one, or leave --id out"
            raise InputError("E-REQ-025", what, remedy, "--id")
        given = picture.resolve()
        row = RecordRow(given, 1, {**cells, "request_id": request_id, "image": given.name})
        problems = Problems()
        checked = check_row(ReceivedRow(request_id, row), problems, Notes())
        problems.raise_if_any()
        assert checked is not None
        content = replace(
            content_of(checked, source=ADDED_BY_HAND), received=cells.get("received") or _today()
        )
        refuse_clash(request_id, content, open_requests(workspace))
        _take(workspace, records, {request_id: (content, checked.request.image)})
    return request_id


def import_requests(workspace: Workspace, file: Path) -> Imported:
    """Add the requests of a CSV or OpenDSR file; one that is there already is never changed.

    Raises:
        InputError: The file can't be read as a whole.
    """
    is_json = file.suffix.lower() == ".json"
    table = (
        RequestTable(file, tuple(read_open_dsr(file)), Notes()) if is_json else read_table_of_requests(file)
    )
    intake = take_in(table)
    sound = {request.request_id for request in intake.requests}
    rows = {row.request_id: row for row in reversed(table.rows) if row.request_id in sound}
    records = records_of(workspace)
    with records.locked():
        known = records.read()
        new: dict[str, tuple[Content, Path]] = {}
        changed: dict[str, list[str]] = {}
        same: list[str] = []
        for request_id in dict.fromkeys(request.request_id for request in intake.requests):
            checked = check_row(rows[request_id], Problems(), Notes())
            assert checked is not None
            content = content_of(checked, source=file.name)
            if request_id not in known.added:
                new[request_id] = (content, checked.request.image)
            elif fields := known.added[request_id].differences(content):
                changed[request_id] = fields
            else:
                same.append(request_id)
        _take(workspace, records, new)
    refused = {request.request_id: request.problems for request in intake.refused}
    _note_refused(workspace, refused)
    return Imported(tuple(new), tuple(same), changed, refused, intake.notes)


def withdraw(workspace: Workspace, request_id: str, reason: str) -> None:
    """Take a request out of the work to come; one that is worked on stops before its next stage.

    Raises:
        InputError: ``E-REQ-020`` there is no such request, ``022`` it was withdrawn before.
    """
    _decide(workspace, request_id, "withdrawn", reason)


def extend(workspace: Workspace, request_id: str, reason: str) -> None:
    """Put a request's due day off, once.

    Raises:
        InputError: ``E-REQ-020`` there is no such request, ``021`` it was extended before, ``022`` it was
            withdrawn.
    """
    _decide(workspace, request_id, "extended", reason)


def withdrawn_ids(workspace: Workspace) -> set[str]:
    """Return the requests that were withdrawn."""
    if not workspace.request_records.is_file():
        return set()
    return set(records_of(workspace).read().withdrawn)


def make_up_for(workspace: Workspace, history: History) -> None:
    """Write ledger entries of decisions whose process was killed before it could."""
    requests = records_of(workspace).read()
    for request_id, content in requests.added.items():
        if history.last(RECEIVED, request_id) is None:
            history.append(RECEIVED, request_id, {"received": content.received or None})
    for action, records in (("withdrawn", requests.withdrawn), ("extended", requests.extended)):
        for request_id, record in records.items():
            if history.last(action, request_id) is None:
                history.append(action, request_id, {"actor": record.actor})


def check_reason(reason: str) -> None:
    """Check the reason of a decision about a request or a release.

    Raises:
        InputError: ``E-REQ-028`` it is blank or too long.
    """
    if not reason.strip() or len(reason) > MAX_REASON:
        what = f"the reason has {len(reason.strip())} characters"
        raise InputError("E-REQ-028", what, f"Give one of 1 to {MAX_REASON}", "--reason")


def _decide(workspace: Workspace, request_id: str, action: Action, reason: str) -> None:
    records, who = records_of(workspace), actor()
    check_reason(reason)
    with records.locked():
        if request_id not in received_ids(workspace) and request_id not in known_ids(workspace):
            remedy = "Use an id of `siu request list`"
            raise InputError("E-REQ-020", f"there is no request {request_id[:60]!r}", remedy)
        requests = records.read()
        if request_id in requests.withdrawn:
            when = requests.withdrawn[request_id].time[:10]
            remedy = "Add a new request if it is to be served after all"
            raise InputError("E-REQ-022", f"{request_id} was withdrawn on {when}", remedy)
        if action == "extended" and request_id in requests.extended:
            when = requests.extended[request_id].time[:10]
            what = f"{request_id} was extended on {when}"
            raise InputError("E-REQ-021", what, "A request is extended once at most; serve it")
        records.append(Record(request_id, action, now(), who, reason.strip()))
        Ledger(workspace.ledger).append(action, request_id, {"actor": who})


def _take(workspace: Workspace, records: RequestRecords, new: dict[str, tuple[Content, Path]]) -> None:
    """Copy the pictures, then write the records, then the ledger."""
    store = workspace.request_store
    store.mkdir(parents=True, exist_ok=True)
    who, time, taken = actor(), now(), []
    for request_id, (content, image) in new.items():
        copy = store / f"{request_id}.png"
        keep_clean_png(load_image(image), copy)
        copy.chmod(0o600)
        taken.append(Record(request_id, "added", time, who, content=replace(content, image=copy.name)))
    fault_point("requests.pictures")
    records.append(*taken)
    fault_point("requests.records")
    days = {record.request_id: record.content.received for record in taken if record.content}
    history = History(Ledger(workspace.ledger))
    unknown = [request_id for request_id in days if history.last(RECEIVED, request_id) is None]
    history.append_all(
        RECEIVED,
        {request_id: {"received": days[request_id] or None, "actor": who} for request_id in unknown},
    )


def _note_refused(workspace: Workspace, refused: dict[str, tuple[SiuError, ...]]) -> None:
    history, who = History(Ledger(workspace.ledger)), actor()
    unknown = [request_id for request_id in refused if history.last(RECEIVED, request_id) is None]
    history.append_all(RECEIVED, {request_id: {"received": None, "actor": who} for request_id in unknown})
    codes = {
        request_id: ", ".join(dict.fromkeys(problem.code for problem in refused[request_id]))
        for request_id in refused
    }
    history.append_all(
        "refused", {request_id: {"code": codes[request_id], "actor": who} for request_id in unknown}
    )


def _today() -> str:
    return utc_now().date().isoformat()


def now() -> str:
    """Return the time as decisions have it: UTC, ISO 8601 with seconds."""
    return utc_now().isoformat(timespec="seconds").replace("+00:00", "Z")
