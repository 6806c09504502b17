"""One entry of the audit ledger: its fields, its hash, and how a line is checked."""

import json
import re
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from typing import Any

from siu.audit.author import Author
from siu.errors import StateError
from siu.storage.digest import canonical_json, value_digest

SCHEMA = 2
GENESIS = "0" * 64
_TAMPERED = "Compare with a copy kept elsewhere; this ledger is not written to any more"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_HASH = re.compile(r"[0-9a-f]{64}")
_HASHED_PART = re.compile(rb',"hash":"[0-9a-f]{64}"')


@dataclass(frozen=True)
class Entry:
    """What happened, once and for all.

    Attributes:
        schema: Version of this form; the first had neither actor nor software nor lock.
        seq: Position, counted from 1; it keeps the order even where clocks don't.
        time: UTC, ISO 8601 with milliseconds; never before the entry above.
        event: What happened: ``received``, ``unlearned``, ``released`` … (docs/explanation/pipeline.md).
        request_id: Whose request; empty for what concerns no single one.
        data: Digests, counts and ids; no names.
        previous: Hash of the entry before; 64 zeros for the first.
        hash: sha256 over the canonical JSON of all other fields.
        actor: Who or what acted.
        software: What wrote the entry.
        lock: Digest of all installed distributions.
    """

    schema: int
    seq: int
    time: str
    event: str
    request_id: str
    data: dict[str, Any]
    previous: str
    hash: str
    actor: str = ""
    software: str = ""
    lock: str = ""

    def line(self) -> bytes:
        """Return the entry as the ledger holds it, with its line end."""
        content = asdict(self)
        if self.schema == 1:
            content = {key: content[key] for key in _FIELDS_1}
        return canonical_json(content).encode() + b"\n"


_FIELDS = frozenset(field.name for field in fields(Entry))
_FIELDS_1 = _FIELDS - {"actor", "software", "lock"}
_TEXTS = ("time", "event", "request_id", "previous", "hash", "actor", "software", "lock")


def make_entry(
    before: Entry | None, time: str, event: str, request_id: str, data: dict[str, Any], author: Author
) -> Entry:
    """Return the entry that follows another one, or the first; its time is never before the other's."""
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "seq": before.seq + 1 if before else 1,
        "time": max(time, before.time) if before else time,
        "event": event,
        "request_id": request_id,
        "data": data,
        "previous": before.hash if before else GENESIS,
        "actor": author.actor,
        "software": author.software,
        "lock": author.lock,
    }
    return Entry(**content, hash=value_digest(content))


def read_entry(line: bytes, where: str) -> Entry:
    """Return the entry that a line without its end holds, wherever it stands.

    Raises:
        StateError: ``E-LED-001`` the line was changed, ``003`` a newer version has written it.
    """
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        raise StateError("E-LED-001", "the entry was changed: it is no JSON", _TAMPERED, where) from None
    schema = content.get("schema") if isinstance(content, dict) else None
    if not isinstance(schema, int) or isinstance(schema, bool):
        raise StateError("E-LED-001", "the entry was changed: it is no entry", _TAMPERED, where)
    if schema > SCHEMA:
        what = f"the entry has schema {schema}, this version reads {SCHEMA}"
        raise StateError("E-LED-003", what, "Update siu", where)
    if not _is_whole(content, line):
        raise StateError("E-LED-001", "the entry was changed: its hash is another one", _TAMPERED, where)
    return Entry(**content)


def check_entry(line: bytes, before: Entry | None, where: str) -> Entry:
    """Return the entry that a line without its end holds, after another one.

    Raises:
        StateError: As `read_entry`; ``E-LED-002`` it does not follow the entry before it: one was dropped,
            swapped, repeated or put in.
    """
    entry = read_entry(line, where)
    seq, previous = (before.seq + 1, before.hash) if before else (1, GENESIS)
    if entry.seq != seq:
        raise StateError("E-LED-002", f"entry {entry.seq} stands where entry {seq} belongs", _TAMPERED, where)
    if entry.previous != previous:
        what = f"entry {seq} follows another one than the one above it"
        raise StateError("E-LED-002", what, _TAMPERED, where)
    return entry


def _is_whole(content: dict[str, Any], line: bytes) -> bool:
    """Tell whether a line has exactly the fields of an entry, in canonical form, with the right hash."""
    if set(content) != (_FIELDS_1 if content["schema"] == 1 else _FIELDS):
        return False
    if not all(isinstance(content[key], str) for key in _TEXTS if key in content):
        return False
    is_dated = _TIME.fullmatch(content["time"]) and _HASH.fullmatch(content["hash"])
    if not is_dated or type(content["seq"]) is not int or not isinstance(content["data"], dict):
        return False
    try:
        if canonical_json(content).encode() != line:
            return False
    except (ValueError, RecursionError):  # NaN or a lone surrogate, which canonical JSON does not hold
        return False
    hashed = _HASHED_PART.findall(line)
    if len(hashed) != 1:  # a text within the data looks the same: take the long way
        return bool(value_digest({key: content[key] for key in content if key != "hash"}) == content["hash"])
    return bool(sha256(_HASHED_PART.sub(b"", line)).hexdigest() == content["hash"])
