"""One entry of the audit ledger: its fields, its hash, and how a line is checked."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from siu.errors import StateError
from siu.storage.digest import canonical_json, value_digest

SCHEMA = 1
GENESIS = "0" * 64
_TAMPERED = "Compare with a copy kept elsewhere; this ledger is not written to any more"


@dataclass(frozen=True)
class Entry:
    """What happened, once and for all.

    Attributes:
        schema: Version of this form.
        seq: Position, counted from 1; it keeps the order even where clocks don't.
        time: UTC, ISO 8601 with milliseconds.
        event: What happened: ``received``, ``unlearned``, ``released`` … (docs/explanation/pipeline.md).
        request_id: Whose request; empty for what concerns no single one.
        data: Digests, counts and ids; no names.
        previous: Hash of the entry before; 64 zeros for the first.
        hash: sha256 over the canonical JSON of all other fields.
    """

    schema: int
    seq: int
    time: str
    event: str
    request_id: str
    data: dict[str, Any]
    previous: str
    hash: str

    def line(self) -> bytes:
        """Return the entry as the ledger holds it, with its line end."""
        return canonical_json(asdict(self)).encode() + b"\n"


_FIELDS = {field.name for field in fields(Entry)}


def make_entry(before: Entry | None, time: str, event: str, request_id: str, data: dict[str, Any]) -> Entry:
    """Return the entry that follows another one, or the first."""
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "seq": before.seq + 1 if before else 1,
        "time": time,
        "event": event,
        "request_id": request_id,
        "data": data,
        "previous": before.hash if before else GENESIS,
    }
    return Entry(**content, hash=value_digest(content))


def check_entry(line: bytes, before: Entry | None, where: str) -> Entry:
    """Return the entry that a line without its end holds.

    Raises:
        StateError: ``E-LED-001`` the line was changed, ``002`` it does not follow the entry before it: one
            was dropped, swapped, repeated or put in, ``003`` a newer version has written it.
    """
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        raise StateError("E-LED-001", "the entry was changed: it is no JSON", _TAMPERED, where) from None
    if not isinstance(content, dict) or not isinstance(content.get("schema"), int):
        raise StateError("E-LED-001", "the entry was changed: it is no entry", _TAMPERED, where)
    if content["schema"] > SCHEMA:
        what = f"the entry has schema {content['schema']}, this version reads {SCHEMA}"
        raise StateError("E-LED-003", what, "Update siu", where)
    if not _is_whole(content, line):
        raise StateError("E-LED-001", "the entry was changed: its hash is another one", _TAMPERED, where)
    entry = Entry(**content)
    expected = (before.seq + 1, before.hash) if before else (1, GENESIS)
    if (entry.seq, entry.previous) != expected:
        what = f"entry {entry.seq} stands where entry {expected[0]} belongs, or follows another one"
        raise StateError("E-LED-002", what, _TAMPERED, where)
    return entry


def _is_whole(content: dict[str, Any], line: bytes) -> bool:
    """Tell whether a line has exactly the fields of an entry, in canonical form, with the right hash."""
    if set(content) != _FIELDS:
        return False
    try:
        digest = value_digest({key: content[key] for key in _FIELDS - {"hash"}})
        return Entry(**content).line() == line + b"\n" and bool(digest == content["hash"])
    except ValueError:  # NaN or a lone surrogate, which canonical JSON does not hold
        return False
