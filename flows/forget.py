"""`siu forget`: one more row in the table of requests, with a clean copy of the picture."""

import csv
import io
import os
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from PIL import Image

from siu.errors import InputError, PreflightError
from siu.images import image_digest, load_image, save_clean_png
from siu.intake.names import clean_aliases, clean_name
from siu.intake.requests import OPTIONAL, REQUIRED, ErasureRequest, read_requests
from siu.language.spellings import MOST, spellings
from siu.workspace import Workspace

COLUMNS = (*REQUIRED, *OPTIONAL)
NO_ROWS = "E-CSV-005"
ANY_KIND = "other"
"""The kind where none is said."""


def add_request(workspace: Workspace, name: str, image: Path, kind: str, aliases: tuple[str, ...]) -> str:
    """Add a request and return its id; the table is replaced only if all of it is sound.

    A name that the table holds already keeps its row: forgetting it again is the same request.

    Raises:
        PreflightError: The new row, or the table, has problems.
        InputError: The picture can't be used; ``E-REQ-006`` the table has the name with another picture,
            ``011`` with another kind or without an alias.
    """
    table = workspace.requests_csv(workspace.params())
    with FileLock(workspace.state / "requests.lock"):  # two at once would take one id, and one row be lost
        return _add(workspace, table, name, image, kind, aliases)


def found_as(name: str, aliases: tuple[str, ...]) -> str:
    """Return a line that shows in which other spellings the names will be found, for a person to check."""
    others = dict.fromkeys(spelling for one in (name, *aliases) for spelling in spellings(one))
    shown = " · ".join(list(others)[:MOST])
    return f"also found as: {shown or 'no other spelling'}; add others with --alias"


def _add(
    workspace: Workspace, table: Path, name: str, image: Path, kind: str, aliases: tuple[str, ...]
) -> str:
    known = _known(table)
    wanted, given = clean_name(name), load_image(image)
    for request in known:
        if request.name == wanted:
            _refuse_changes(request, given, kind, aliases, table)
            return request.request_id
    store = table.parent / workspace.request_store.name
    request_id = _next_id({request.request_id for request in known}, store)
    picture = store / f"{request_id}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    save_clean_png(given, picture)
    today = datetime.now(UTC).date()
    row = {
        "request_id": request_id,
        "name": wanted,
        "image": picture.relative_to(table.parent).as_posix(),
        "kind": kind,
        "aliases": ";".join(aliases),
        "received": today.isoformat(),
    }
    try:
        _replace(table, [*(_row(request, table) for request in known), row])
    except PreflightError:
        picture.unlink()
        raise
    return request_id


def _known(table: Path) -> tuple[ErasureRequest, ...]:
    """Return the table's requests; none where it is absent, empty, or has a header only."""
    if not table.is_file() or not table.read_bytes().strip():
        return ()
    try:
        return read_requests(table)
    except PreflightError as error:
        if [problem.code for problem in error.problems] == [NO_ROWS]:
            return ()
        raise


def _refuse_changes(
    request: ErasureRequest, given: Image.Image, kind: str, aliases: tuple[str, ...], table: Path
) -> None:
    """Refuse what the row of a known name doesn't say: it would be forgotten without it."""
    where = f"{table}:{request.request_id}"
    if image_digest(given) != image_digest(load_image(request.image)):
        remedy = "Name that picture, or replace it and run `siu batch`"
        raise InputError("E-REQ-006", f"{request.name!r} is requested with another picture", remedy, where)
    missing = [
        alias for alias in clean_aliases(";".join(aliases), request.name) if alias not in request.aliases
    ]
    if missing or kind not in (ANY_KIND, request.kind):
        what = f"without the alias {missing[0]!r}" if missing else f"as {request.kind!r}, not {kind!r}"
        remedy = "Change its row and run `siu batch`"
        raise InputError("E-REQ-011", f"{request.name!r} is requested {what}", remedy, where)


def _replace(table: Path, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    fresh = table.with_name(f".{table.name}.new")
    fresh.write_text(text.getvalue(), encoding="utf-8")
    try:
        read_requests(fresh)
        os.replace(fresh, table)
    except PreflightError as error:
        for problem in error.problems:
            problem.where = problem.where.replace(fresh.name, table.name)  # the user knows no other
        raise
    finally:
        fresh.unlink(missing_ok=True)


def _row(request: ErasureRequest, table: Path) -> dict[str, str]:
    return {
        "request_id": request.request_id,
        "name": request.name,
        "image": request.image.relative_to(table.parent).as_posix(),
        "kind": request.kind,
        "aliases": ";".join(request.aliases),
        "received": request.received.isoformat() if request.received else "",
    }


def _next_id(taken: set[str], store: Path) -> str:
    """Return an id that no request has, nor a picture in the store: it may be another request's."""
    number = 1
    while f"r-{number}" in taken or (store / f"r-{number}.png").exists():
        number += 1
    return f"r-{number}"
