"""`siu forget`: one more row in the table of requests, with a clean copy of the picture."""

import csv
import io
import os
from datetime import UTC, datetime
from pathlib import Path

from siu.images import load_image, save_clean_png
from siu.intake.names import clean_name
from siu.intake.requests import OPTIONAL, REQUIRED, ErasureRequest, read_requests
from siu.workspace import Workspace

COLUMNS = (*REQUIRED, *OPTIONAL)


def add_request(workspace: Workspace, name: str, image: Path, kind: str, aliases: tuple[str, ...]) -> str:
    """Add a request and return its id; the table is replaced only if all of it is sound.

    A name that the table holds already keeps its row: forgetting it again is the same request.

    Raises:
        PreflightError: The new row, or the table, has problems.
        InputError: The picture can't be used.
    """
    table = workspace.requests_csv(workspace.params())
    has_rows = table.is_file() and len(table.read_text(encoding="utf-8-sig").strip().splitlines()) > 1
    known = read_requests(table) if has_rows else ()
    wanted = clean_name(name)
    for request in known:
        if request.name == wanted:
            return request.request_id
    request_id = _next_id({request.request_id for request in known})
    picture = table.parent / workspace.request_store.name / f"{request_id}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    save_clean_png(load_image(image), picture)
    today = datetime.now(UTC).date()
    row = {
        "request_id": request_id,
        "name": wanted,
        "image": picture.relative_to(table.parent).as_posix(),
        "kind": kind,
        "aliases": ";".join(aliases),
        "received": today.isoformat(),
    }
    _replace(table, [*(_row(request, table) for request in known), row])
    return request_id


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


def _next_id(taken: set[str]) -> str:
    number = 1
    while f"r-{number}" in taken:
        number += 1
    return f"r-{number}"
