"""Erasure requests: who asked for which concept to be forgotten, with one picture."""

import logging
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import get_args

from siu.concepts import Kind
from siu.errors import InputError
from siu.images import image_digest, is_constant, load_image
from siu.intake.names import clean_aliases, clean_name, name_key
from siu.intake.places import leads_out
from siu.intake.table import Row, read_table
from siu.problems import Problems

REQUIRED = ("request_id", "name", "image")
OPTIONAL = ("kind", "aliases", "received")
REQUEST_ID = re.compile(r"[a-z0-9-]{1,40}")
RESERVED = ("release", "retained")
"""What stands beside ids in a batch's rows, stages and metrics: all that is released, all that is kept."""

_log = logging.getLogger(__name__)


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
    """

    request_id: str
    name: str
    kind: Kind
    image: Path
    aliases: tuple[str, ...] = ()
    received: date | None = None
    force: bool = False


@dataclass(frozen=True)
class _Checked:
    """A request with what the comparison between rows needs."""

    request: ErasureRequest
    picture: str  # digest of its pixels
    row: Row


def read_requests(path: Path) -> tuple[ErasureRequest, ...]:
    """Read ``requests.csv`` and check all that can be checked without a model.

    Two requests may ask for one concept: same name, same picture. A row that repeats another one in all
    fields counts once, with a note in the log; so does a note on a picture of a single colour.

    Raises:
        PreflightError: All problems at once: ``E-CSV-…`` the table's form, ``E-NAM-…`` names, ``E-IMG-…``
            pictures, ``E-REQ-001`` to ``009`` the requests themselves (docs/errors.md).
    """
    problems = Problems()
    rows = read_table(path, required=REQUIRED, optional=OPTIONAL, problems=problems)
    checked = [found for row in rows if (found := _check_row(row, problems)) is not None]
    unique = _drop_repetitions(checked, problems)
    _refuse_clashes(unique, problems)
    problems.raise_if_any()
    return tuple(found.request for found in unique)


def _check_row(row: Row, problems: Problems) -> _Checked | None:
    """Return the row's request, or None where the row has problems."""
    before = len(problems)
    kind: Kind = "other"
    aliases: tuple[str, ...] = ()
    name, received, image, picture = "", None, Path(), ""
    with problems.noted():
        _check_id(row)
    with problems.noted():
        name = clean_name(row["name"], row.where("name"))
    with problems.noted():
        aliases = clean_aliases(row["aliases"], name, row.where("aliases"))
    with problems.noted():
        kind = _parse_kind(row)
    with problems.noted():
        received = _parse_day(row)
    with problems.noted():
        image = _safe_path(row)
        picture = _picture(image, row)
    if len(problems) > before:
        return None
    return _Checked(ErasureRequest(row["request_id"], name, kind, image, aliases, received), picture, row)


def _parse_kind(row: Row) -> Kind:
    """Return the row's kind; ``other`` where the cell is empty or absent.

    Raises:
        InputError: ``E-REQ-002`` the kind is unknown.
    """
    for kind in get_args(Kind):
        if (row["kind"] or "other") == kind:
            return kind  # type: ignore[no-any-return]  # get_args() forgets the type
    remedy = "Use one of " + ", ".join(get_args(Kind))
    raise InputError("E-REQ-002", f"unknown kind {row['kind']!r}", remedy, row.where("kind"))


def _check_id(row: Row) -> None:
    if not REQUEST_ID.fullmatch(row["request_id"]):
        raise InputError(
            "E-REQ-001",
            f"{row['request_id'][:60]!r} is not a request id",
            "Use 1 to 40 of a-z, 0-9 and -, and nothing that tells who is meant",
            row.where("request_id"),
        )
    if row["request_id"] in RESERVED:
        what = f"{row['request_id']!r} is a word that a batch uses itself"
        raise InputError("E-REQ-009", what, "Use another request id", row.where("request_id"))


def _parse_day(row: Row) -> date | None:
    text = row["received"]
    if not text:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError(text)
        day = date.fromisoformat(text)
    except ValueError:
        what = f"{text[:60]!r} is not a day"
        raise InputError("E-REQ-003", what, "Write it as 2026-01-31", row.where("received")) from None
    if day > datetime.now(UTC).date():
        _log.warning("%s: the day lies in the future", row.where("received"))
    return day


def _safe_path(row: Row) -> Path:
    """Return the picture's path, which lies below the table's folder with all links followed."""
    text, where = row["image"], row.where("image")
    posix, windows = PurePosixPath(text), PureWindowsPath(text)
    if not text or len(text) > 1000 or any(unicodedata.category(one) == "Cc" for one in text):
        raise InputError("E-REQ-004", "no proper file name", "Name the picture's file", where)
    if "\\" in text or "://" in text or posix.is_absolute() or windows.drive or ".." in posix.parts:
        remedy = "Put the picture below the table's folder and write its path from there, with /"
        raise InputError("E-REQ-004", f"{text!r} is not a path below the table's folder", remedy, where)
    folder = row.file.parent
    if leads_out(folder / posix, folder):
        raise InputError("E-REQ-004", f"{text!r} leads out of the folder", "Copy the picture here", where)
    return folder / posix


def _picture(path: Path, row: Row) -> str:
    """Return the digest of the picture's pixels."""
    try:
        image = load_image(path)
    except InputError as error:
        where = f"{row.where('image')} ({row['image']})"
        raise InputError(error.code, error.what, error.remedy, where) from None
    if is_constant(image):
        _log.warning("%s: the picture has a single colour; there is nothing to forget", row.where("image"))
    return image_digest(image)


def _drop_repetitions(checked: Sequence[_Checked], problems: Problems) -> list[_Checked]:
    """Keep the first of equal rows; an id used again for something else is a problem."""
    first: dict[str, _Checked] = {}
    for found in checked:
        earlier = first.setdefault(found.request.request_id, found)
        if earlier is found:
            continue
        where = found.row.where("request_id")
        if earlier.request == found.request:
            _log.warning("%s: repeats line %d and counts once", where, earlier.row.line)
        else:
            what = f"line {earlier.row.line} uses the same id for another request"
            problems.add(InputError("E-REQ-005", what, "Give each request its own id", where))
    return list(first.values())


def _refuse_clashes(checked: Sequence[_Checked], problems: Problems) -> None:
    """Refuse names that only look different, one name with two pictures, one picture with two names."""
    by_name: dict[str, list[_Checked]] = defaultdict(list)
    by_picture: dict[str, list[_Checked]] = defaultdict(list)
    for found in checked:
        by_name[name_key(found.request.name)].append(found)
        by_picture[found.picture].append(found)
    for first, *others in by_name.values():
        for other in others:
            line, where = first.row.line, other.row.where("name")
            if other.picture != first.picture:
                what = f"line {line} has the same name, or one that looks alike, with another picture"
                remedy = "Use one picture if one concept is meant; else tell the names apart"
                problems.add(InputError("E-REQ-006", what, remedy, where))
            elif other.request.name != first.request.name:
                what = f"line {line} spells the name differently"
                problems.add(InputError("E-REQ-007", what, "Spell it the same way", where))
    for first, *others in by_picture.values():
        for other in others:
            if name_key(other.request.name) != name_key(first.request.name):
                what = f"line {first.row.line} has the same picture under another name"
                remedy = "Give each concept a picture of its own"
                problems.add(InputError("E-REQ-008", what, remedy, other.row.where("image")))
