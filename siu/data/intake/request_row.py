"""One row of the table of requests: its id, and whether it is a sound request."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

from siu.data.concepts import Kind
from siu.data.intake.names import clean_aliases, clean_name, without_direction_marks
from siu.data.intake.notes import Notes
from siu.data.intake.request_picture import picture_digest, picture_path
from siu.data.intake.table import Row
from siu.errors import InputError
from siu.problems import Problems

REQUEST_ID = re.compile(r"[a-z0-9-]{1,40}")
RESERVED = ("release", "retained")
"""What stands beside ids in a batch's rows, stages and metrics: all that is released, all that is kept."""
POLICIES = ("", "keep", "purge")
YES, NO = ("yes", "true", "1", "x"), ("", "no", "false", "0")


@dataclass(frozen=True)
class ErasureRequest:
    """One request to forget a concept.

    Attributes:
        request_id: Opaque id ``[a-z0-9-]{1,40}``; the only thing that logs, folders and the ledger carry.
        name: The concept's display name, NFC.
        kind: Decides phrasings, substitute names and looks.
        image: The one picture, below the folder of the table.
        aliases: Other names that count as naming the concept.
        received: Day on which the request came in; None where it is not known.
        force: Whether it is served though the collection or the base model speaks against it.
        policy: What becomes of its data after a release: ``keep``, ``purge``, or empty for the general rule.
    """

    request_id: str
    name: str
    kind: Kind
    image: Path
    aliases: tuple[str, ...] = ()
    received: date | None = None
    force: bool = False
    policy: str = ""


@dataclass(frozen=True)
class ReceivedRow:
    """A row that can be read, sound or not, under the id that the ledger knows it by.

    Attributes:
        request_id: The row's own id, or ``row-7`` for the row on line 7 that has none which can be used.
        row: What is written.
    """

    request_id: str
    row: Row

    @property
    def received(self) -> date | None:
        """The day on which the request came in; None where it is not known, or not written as a day."""
        try:
            return _parse_day(self.row)
        except InputError:
            return None


@dataclass(frozen=True)
class CheckedRow:
    """A sound request with what the comparison between rows needs.

    Attributes:
        request: The request.
        picture: Digest of its picture's pixels.
        row: Where it stands.
    """

    request: ErasureRequest
    picture: str
    row: Row


def received_rows(rows: Sequence[Row]) -> list[ReceivedRow]:
    """Give every row an id: its own where it can be used, else one made of its line."""
    own = [_usable_id(row) for row in rows]
    taken = {request_id for request_id in own if request_id}
    return [
        ReceivedRow(request_id or _line_id(row, taken), row)
        for request_id, row in zip(own, rows, strict=True)
    ]


def check_row(received: ReceivedRow, problems: Problems, notes: Notes) -> CheckedRow | None:
    """Return the row's request, or None where the row has problems: all of them are noted."""
    row, before = received.row, len(problems)
    if row.fault is not None:
        problems.add(row.fault)
        return None
    request = ErasureRequest(received.request_id, "", "other", Path())
    picture = ""
    with problems.noted():
        _check_id(row, notes)
    with problems.noted():
        request = replace(request, name=_parse_name(row, notes))
    with problems.noted():
        aliases = clean_aliases(row["aliases"], request.name, row.where("aliases"))
        request = replace(request, aliases=aliases)
    with problems.noted():
        request = replace(request, kind=_parse_kind(row, notes))
    with problems.noted():
        request = replace(request, received=_parse_day(row, notes))
    with problems.noted():
        request = replace(request, force=_parse_force(row))
    with problems.noted():
        request = replace(request, policy=_parse_policy(row))
    with problems.noted():
        request = replace(request, image=picture_path(row, notes))
        picture = picture_digest(request.image, row, notes)
    return None if len(problems) > before else CheckedRow(request, picture, row)


def _usable_id(row: Row) -> str:
    """Return a row's own id in small letters, or an empty text."""
    text = _plain(row, "request_id")
    text = text.lower() if text.isascii() else text
    return text if REQUEST_ID.fullmatch(text) and text not in RESERVED else ""


def _line_id(row: Row, taken: set[str]) -> str:
    """Return an id for a row without one of its own, which no row has that another person wrote."""
    request_id = f"row-{row.line}"
    while request_id in taken:
        request_id += "-0"
    return request_id


def _check_id(row: Row, notes: Notes) -> None:
    text, where = _plain(row, "request_id"), row.where("request_id")
    if text.lower() in RESERVED:
        what = f"{text!r} is a word that a batch uses itself"
        raise InputError("E-REQ-009", what, "Use another request id", where)
    usable = _usable_id(row)
    if not usable:
        raise InputError(
            "E-REQ-001",
            f"{text[:60]!r} is not a request id",
            "Use 1 to 40 of a-z, 0-9 and -, and nothing that tells who is meant",
            where,
        )
    if usable != text:
        notes.add("the request id is taken in small letters", row.line)


def _parse_name(row: Row, notes: Notes) -> str:
    if without_direction_marks(row["name"]) != row["name"]:
        notes.add("invisible direction marks around the name are dropped", row.line)
    return clean_name(row["name"], row.where("name"))


def _parse_kind(row: Row, notes: Notes) -> Kind:
    """Return the row's kind; ``other`` where the cell is empty or absent.

    Raises:
        InputError: ``E-REQ-002`` the kind is unknown.
    """
    text = _plain(row, "kind")
    for kind in get_args(Kind):
        if (text.casefold() or "other") == kind:
            if text and text != kind:
                notes.add("the kind is taken in small letters", row.line)
            return kind  # type: ignore[no-any-return]  # get_args() forgets the type
    remedy = "Use one of " + ", ".join(get_args(Kind))
    raise InputError("E-REQ-002", f"unknown kind {text[:60]!r}", remedy, row.where("kind"))


def _parse_day(row: Row, notes: Notes | None = None) -> date | None:
    text = _plain(row, "received")
    if not text:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError(text)
        day = date.fromisoformat(text)
    except ValueError:
        what = f"{text[:60]!r} is not a day"
        raise InputError("E-REQ-003", what, "Write it as 2026-01-31", row.where("received")) from None
    if notes is not None and day > datetime.now(UTC).date():
        notes.add("the day in received lies in the future", row.line)
    return day


def _parse_force(row: Row) -> bool:
    text = _plain(row, "force").casefold()
    if text in YES or text in NO:
        return text in YES
    raise InputError(
        "E-REQ-013", f"{text[:60]!r} is neither yes nor no", "Write yes or no", row.where("force")
    )


def _parse_policy(row: Row) -> str:
    text = _plain(row, "policy").casefold()
    if text in POLICIES:
        return text
    what = f"{text[:60]!r} is neither keep nor purge"
    raise InputError(
        "E-REQ-029",
        what,
        "Write one of them, or leave it empty for what params.yaml says",
        row.where("policy"),
    )


def _plain(row: Row, column: str) -> str:
    return without_direction_marks(row[column])
