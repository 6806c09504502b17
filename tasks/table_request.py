"""A request that becomes a row of the table, with a clean copy of its picture: what `siu forget` adds."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from siu.data.images import image_digest, keep_clean_png, load_image
from siu.data.intake.names import clean_aliases, clean_name
from siu.data.intake.notes import Notes
from siu.data.intake.request_row import CheckedRow, ReceivedRow, check_row
from siu.data.intake.table import Row
from siu.data.intake.table_writer import refuse_broken_rows, write_table, written_rows
from siu.data.requests.records import Content
from siu.data.requests.taken import content_of
from siu.errors import InputError
from siu.problems import Problems
from siu.storage.workspace import Workspace
from tasks.known_requests import free_id, known_ids, open_requests, records_of, refuse_clash

ANY_KIND = "other"
"""The kind where none is given."""


@dataclass(frozen=True)
class NewRequest:
    """What is to be forgotten.

    Attributes:
        name: The concept's name as the user wrote it.
        image: One picture.
        kind: Kind of concept.
        aliases: Other names that count as naming it.
        force: Whether it is served also where the collection has no concept of this name.
    """

    name: str
    image: Path
    kind: str = ANY_KIND
    aliases: tuple[str, ...] = ()
    force: bool = False


def add_row(workspace: Workspace, new: NewRequest) -> str:
    """Add a request to the table and return its id; the table is replaced only if the new row is sound.

    A name that table or records hold already keeps its request: forgetting it again is the same one. Other
    rows stay as they are, sound or not.

    Raises:
        PreflightError: The new row has problems.
        InputError: ``E-CSV-…`` the table can't be read or written again; the picture can't be used;
            ``E-REQ-006`` the name is requested with another picture, ``007``, ``008`` as `refuse_clash`;
            ``011`` with another kind, or without an alias or the word that it is forced.
    """
    table = workspace.requests_csv(workspace.params())
    with records_of(workspace).locked():  # two at once would take one id, and one row be lost
        rows = [row.row for row in written_rows(table).rows]
        refuse_broken_rows(rows)
        others = list(open_requests(workspace))
        name, picture = clean_name(new.name), load_image(new.image)
        for request_id, content in others:
            if content.name == name:
                _refuse_changes(request_id, content, picture, new)
                return request_id
        store = table.parent / workspace.request_store.name
        request_id = free_id(known_ids(workspace), store)
        copy = store / f"{request_id}.png"
        copy.parent.mkdir(parents=True, exist_ok=True)
        keep_clean_png(picture, copy)
        try:
            row = _row(table, len(rows), request_id, name, copy, new)
            refuse_clash(request_id, content_of(_checked(request_id, row), source=table.name), others)
            write_table(table, [*rows, row])
        except BaseException:
            copy.unlink(missing_ok=True)
            raise
    return request_id


def _row(table: Path, count: int, request_id: str, name: str, copy: Path, new: NewRequest) -> Row:
    cells = {
        "request_id": request_id,
        "name": name,
        "image": copy.relative_to(table.parent).as_posix(),
        "kind": new.kind,
        "aliases": ";".join(new.aliases),
        "received": datetime.now(UTC).date().isoformat(),
        "force": "yes" if new.force else "",
        "policy": "",
    }
    return Row(table, count + 2, cells)


def _checked(request_id: str, row: Row) -> CheckedRow:
    problems = Problems()
    checked = check_row(ReceivedRow(request_id, row), problems, Notes())
    problems.raise_if_any()
    assert checked is not None
    return checked


def _refuse_changes(request_id: str, content: Content, picture: Image.Image, new: NewRequest) -> None:
    """Refuse what the request of a known name doesn't say: it would be forgotten without it."""
    where = f"request {request_id}"
    if image_digest(picture) != content.picture:
        remedy = "Name that picture; or withdraw the request, or replace its picture, and begin anew"
        raise InputError("E-REQ-006", f"{content.name!r} is requested with another picture", remedy, where)
    missing = [
        alias for alias in clean_aliases(";".join(new.aliases), content.name) if alias not in content.aliases
    ]
    is_forced_only_now = new.force and not content.force
    if missing or is_forced_only_now or new.kind not in (ANY_KIND, content.kind):
        what = f"as {content.kind!r}, not {new.kind!r}"
        if is_forced_only_now:
            what = "without being forced"
        if missing:
            what = f"without the alias {missing[0]!r}"
        remedy = "Change its row and run `siu batch`; a record is withdrawn and added anew"
        raise InputError("E-REQ-011", f"{content.name!r} is requested {what}", remedy, where)
