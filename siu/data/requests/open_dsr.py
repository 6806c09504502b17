"""Requests as OpenDSR writes them: JSON objects with ``subject_request_id`` and ``subject_identities``.

What the framework has no field for stands in ``extensions.siu``: picture, kind, aliases, force. The mapping
is in docs/reference/requests.md.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from siu.data.intake.request_row import ReceivedRow, received_rows
from siu.data.intake.requests import OPTIONAL, REQUIRED
from siu.data.intake.table import MAX_ROWS, Row
from siu.data.intake.table_text import MAX_BYTES
from siu.errors import InputError

ERASURE = "erasure"
NAME = "name"
"""The ``identity_type`` of what a person or thing is called."""
_EXTENSION = ("image", "kind", "aliases", "force", "name", "policy")


def read_open_dsr(path: Path) -> list[ReceivedRow]:
    """Return the requests of a JSON file, one object or a list of them, as rows that are not judged yet.

    Raises:
        InputError: ``E-REQ-023`` the file is no such JSON, ``024`` an object asks for something else than
            erasure, or has odd fields.
    """
    return received_rows([_row(path, number, entry) for number, entry in enumerate(_entries(path), start=1)])


def _entries(path: Path) -> list[Any]:
    if not path.is_file():
        raise InputError("E-REQ-023", "the file is missing or not a file", "Name a JSON file", str(path))
    if path.stat().st_size > MAX_BYTES:
        raise InputError("E-REQ-023", f"the file is larger than {MAX_BYTES} bytes", "Split it", str(path))
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        remedy = "Write one OpenDSR request, or a list of them"
        raise InputError("E-REQ-023", f"the file is no JSON ({error})", remedy, str(path)) from None
    entries = content if isinstance(content, list) else [content]
    if not entries or len(entries) > MAX_ROWS:
        what = f"the file holds {len(entries)} requests"
        raise InputError("E-REQ-023", what, f"Write 1 to {MAX_ROWS}", str(path))
    return entries


def _row(path: Path, number: int, entry: Any) -> Row:
    where = f"{path}:{number}"
    if not isinstance(entry, dict):
        raise InputError("E-REQ-024", "the entry is no object", "Write an OpenDSR request", where)
    kind = entry.get("subject_request_type")
    if kind != ERASURE:
        what = f"subject_request_type is {kind!r}"
        remedy = f"Only {ERASURE} is served here; answer others elsewhere"
        raise InputError("E-REQ-024", what, remedy, where)
    extension = _part(entry, "extensions", where).get("siu", {})
    if not isinstance(extension, dict) or not set(extension) <= set(_EXTENSION):
        remedy = f"Use {', '.join(_EXTENSION)}"
        raise InputError("E-REQ-024", "extensions.siu has odd fields", remedy, where)
    names = [*_texts(extension.get("name"), where), *_identities(entry, where)]
    aliases = [*names[1:], *_texts(extension.get("aliases"), where)]
    force = extension.get("force", False)
    cells = {
        "request_id": _text(entry.get("subject_request_id"), where),
        "name": names[0] if names else "",
        "image": _text(extension.get("image"), where),
        "kind": _text(extension.get("kind"), where),
        "aliases": ";".join(aliases),
        "received": _text(entry.get("submitted_time"), where)[:10],
        "force": {True: "yes", False: ""}.get(force, str(force)) if isinstance(force, bool) else str(force),
    }
    cells["policy"] = str(extension.get("policy", ""))
    assert set(cells) == {*REQUIRED, *OPTIONAL}
    return Row(path, number, cells)


def _identities(entry: dict[str, Any], where: str) -> Iterable[str]:
    """Yield the names among the subject's identities; other identities tell nothing to a model."""
    identities = entry.get("subject_identities", [])
    if not isinstance(identities, list):
        raise InputError("E-REQ-024", "subject_identities is no list", "Write a list", where)
    for identity in identities:
        if isinstance(identity, dict) and identity.get("identity_type") == NAME:
            yield _text(identity.get("identity_value"), where)


def _part(entry: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    part = entry.get(key, {})
    if not isinstance(part, dict):
        raise InputError("E-REQ-024", f"{key} is no object", "Write an object", where)
    return part


def _texts(value: Any, where: str) -> list[str]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [_text(text, where) for text in values]


def _text(value: Any, where: str) -> str:
    """Return a text; an absent one is empty, which the row's own checks refuse where it is needed."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError("E-REQ-024", f"{str(value)[:40]!r} is no text", "Write it in quotes", where)
    return value.strip()
