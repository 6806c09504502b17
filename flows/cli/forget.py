"""`siu forget`: one more row in the table of requests, with a clean copy of the picture."""

import csv
import io
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from PIL import Image

from siu.data.images import image_digest, keep_clean_png, load_image
from siu.data.intake.names import clean_aliases, clean_name
from siu.data.intake.notes import Notes
from siu.data.intake.requests import (
    OPTIONAL,
    REQUIRED,
    ErasureRequest,
    RequestTable,
    read_table_of_requests,
    take_in,
)
from siu.data.intake.table import table_text
from siu.errors import InputError, PreflightError
from siu.language.spellings import MOST, spellings
from siu.storage.workspace import Workspace
from tasks.requests import known_ids

COLUMNS = (*REQUIRED, *OPTIONAL)
NO_ROWS = "E-CSV-005"
ANY_KIND = "other"
"""The kind where none is said."""


@dataclass(frozen=True)
class _Wanted:
    """What is to be forgotten; see `add_request`."""

    name: str
    image: Path
    kind: str
    aliases: tuple[str, ...]
    force: bool


def add_request(
    workspace: Workspace, name: str, image: Path, kind: str, aliases: tuple[str, ...], *, force: bool = False
) -> str:
    """Add a request and return its id; the table is replaced only if the new row is sound.

    A name that the table holds already keeps its row: forgetting it again is the same request. Other rows
    stay as they are, sound or not.

    Args:
        workspace: Where.
        name: The concept's name as the user wrote it.
        image: One picture.
        kind: Kind of concept.
        aliases: Other names that count as naming it.
        force: Whether it is served also where the collection has no concept of this name.

    Raises:
        PreflightError: The new row has problems, or the table can't be read.
        InputError: The picture can't be used; ``E-REQ-006`` the table has the name with another picture,
            ``011`` with another kind, or without an alias or the word that it is forced.
    """
    table = workspace.requests_csv(workspace.params())
    wanted = _Wanted(name, image, kind, aliases, force)
    with FileLock(workspace.request_lock):  # two at once would take one id, and one row be lost
        return _add(workspace, table, wanted)


def found_as(name: str, aliases: tuple[str, ...]) -> str:
    """Return a line that shows in which other spellings the names will be found, for a person to check."""
    others = dict.fromkeys(spelling for text in (name, *aliases) for spelling in spellings(text))
    shown = " · ".join(list(others)[:MOST])
    return f"also found as: {shown or 'no other spelling'}; add others with --alias"


def _add(workspace: Workspace, table: Path, wanted: _Wanted) -> str:
    known = _known(table)
    name, given = clean_name(wanted.name), load_image(wanted.image)
    for request in take_in(known).requests:
        if request.name == name:
            _refuse_changes(request, given, wanted, table)
            return request.request_id
    store = table.parent / workspace.request_store.name
    request_id = _next_id({*(row.request_id for row in known.rows), *known_ids(workspace)}, store)
    picture = store / f"{request_id}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    keep_clean_png(given, picture)
    row = {
        "request_id": request_id,
        "name": name,
        "image": picture.relative_to(table.parent).as_posix(),
        "kind": wanted.kind,
        "aliases": ";".join(wanted.aliases),
        "received": datetime.now(UTC).date().isoformat(),
        "force": "yes" if wanted.force else "",
    }
    try:
        _replace(table, [*(received.row.cells for received in known.rows), row], request_id)
    except (PreflightError, OSError):
        picture.unlink(missing_ok=True)
        raise
    return request_id


def _known(table: Path) -> RequestTable:
    """Return the table's rows; none where it is absent, empty, or has a header only."""
    if not table.is_file() or not table.read_bytes().strip():
        return RequestTable(table)
    try:
        known = read_table_of_requests(table)
    except InputError as error:
        if error.code == NO_ROWS:
            return RequestTable(table)
        raise
    for row in known.rows:
        if row.row.fault is not None:  # its cells can't be told apart, so it can't be written again
            raise row.row.fault
    return known


def _refuse_changes(request: ErasureRequest, given: Image.Image, wanted: _Wanted, table: Path) -> None:
    """Refuse what the row of a known name doesn't say: it would be forgotten without it."""
    where = f"{table}:{request.request_id}"
    if image_digest(given) != image_digest(load_image(request.image)):
        remedy = "Name that picture, or replace it and run `siu batch`"
        raise InputError("E-REQ-006", f"{request.name!r} is requested with another picture", remedy, where)
    missing = [
        alias
        for alias in clean_aliases(";".join(wanted.aliases), request.name)
        if alias not in request.aliases
    ]
    is_forced_only_now = wanted.force and not request.force
    if missing or is_forced_only_now or wanted.kind not in (ANY_KIND, request.kind):
        what = f"as {request.kind!r}, not {wanted.kind!r}"
        if is_forced_only_now:
            what = "without yes in the column force"
        if missing:
            what = f"without the alias {missing[0]!r}"
        remedy = "Change its row and run `siu batch`"
        raise InputError("E-REQ-011", f"{request.name!r} is requested {what}", remedy, where)


def _replace(table: Path, rows: list[dict[str, str]], request_id: str) -> None:
    """Write the table anew with the separator and the byte order mark it has, if the new row is sound."""
    separator, encoding = _form(table)
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    fresh = table.with_name(f".{table.name}.new")
    try:
        fresh.write_text(text.getvalue(), encoding=encoding)
        for refused in take_in(read_table_of_requests(fresh)).refused:
            if refused.request_id == request_id:
                raise PreflightError(refused.problems)
        os.replace(fresh, table)
    except PreflightError as error:
        for problem in error.problems:
            problem.where = problem.where.replace(fresh.name, table.name)  # the user knows no other
        raise
    finally:
        fresh.unlink(missing_ok=True)


def _form(table: Path) -> tuple[str, str]:
    """Return separator and encoding for a table; one that is not plain UTF-8 gets a byte order mark.

    A spreadsheet that wrote another encoding would take UTF-8 without the mark for its own.
    """
    if not table.is_file() or not table.read_bytes().strip():
        return ",", "utf-8"
    text = table_text(table, REQUIRED, Notes())
    return text.separator, "utf-8" if text.encoding == "utf-8" else "utf-8-sig"


def _next_id(taken: set[str], store: Path) -> str:
    """Return an id that no request has or had, nor a picture in the store: it may be another request's."""
    number = 1
    while f"r-{number}" in taken or (store / f"r-{number}.png").exists():
        number += 1
    return f"r-{number}"
