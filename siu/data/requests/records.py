"""The private file of requests: an append-only list of what was asked for and decided; names stay in it.

The ledger says that something happened to a request; what it asks for and why somebody decided is here.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from siu.errors import StateError
from siu.storage.digest import canonical_json
from siu.storage.durable import append_bytes

SCHEMA = 2
"""The first had no policy."""
Action = Literal["added", "withdrawn", "extended"]


@dataclass(frozen=True)
class Content:
    """What a request asks for.

    Attributes:
        name: The concept's name, as `siu.data.intake.names.clean_name` leaves it.
        kind: What can be seen.
        image: File name of the picture below the folder of requests.
        picture: Digest of its pixels.
        aliases: Other names that count as naming the concept.
        received: Day on which it came in, as 2026-01-31; empty where that is not known.
        force: Whether it is served though the collection or the base model speaks against it.
        source: Where it came from: ``siu request add``, or the name of a file.
        policy: What becomes of its data after a release; empty for what params.yaml says.
    """

    name: str
    kind: str
    image: str
    picture: str
    aliases: tuple[str, ...] = ()
    received: str = ""
    force: bool = False
    source: str = ""
    policy: str = ""

    def differences(self, other: "Content") -> list[str]:
        """Return which fields another one has otherwise; where it came from is none."""
        mine, theirs = asdict(self), asdict(other)
        return [key for key in mine if key not in ("image", "source") and mine[key] != theirs[key]]


@dataclass(frozen=True)
class Record:
    """One line of the file.

    Attributes:
        request_id: Whose request.
        action: What was done.
        time: When; UTC, ISO 8601.
        actor: Who did it.
        reason: Why, in a person's words; may be private.
        content: What an added request asks for.
    """

    request_id: str
    action: Action
    time: str
    actor: str
    reason: str = ""
    content: Content | None = None

    def line(self) -> bytes:
        """Return the record as the file holds it."""
        return canonical_json({"schema": SCHEMA, **asdict(self)}).encode() + b"\n"


@dataclass
class Requests:
    """What the file says, taken together.

    Attributes:
        added: What each added request asks for, in the order of arrival.
        withdrawn: The record by which a request was withdrawn.
        extended: The record by which its time was extended.
    """

    added: dict[str, Content] = field(default_factory=dict)
    withdrawn: dict[str, Record] = field(default_factory=dict)
    extended: dict[str, Record] = field(default_factory=dict)


class RequestRecords:
    """The file of one workspace; one that is not there is empty.

    Args:
        path: The file; only its owner can read it.
        lock: The lock of those who write it; beside it if None.
    """

    def __init__(self, path: Path, lock: Path | None = None) -> None:
        self.path = path
        self._lock = lock or path.with_suffix(".lock")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from adding requests while the block runs; it may be nested."""
        for folder in (self.path.parent, self._lock.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._lock, is_singleton=True):
            yield

    def append(self, *records: Record) -> None:
        """Write records, all of them or none; they outlive a power cut when this returns."""
        if not records:
            return
        with self.locked():
            self._cut_torn_line()
            append_bytes(self.path, b"".join(record.line() for record in records))

    def read(self) -> Requests:
        """Return what the file says.

        Raises:
            StateError: ``E-REQ-026`` a line can't be read, or a newer version has written it.
        """
        requests = Requests()
        for record in self._records():
            if record.action == "added" and record.content is not None:
                requests.added.setdefault(record.request_id, record.content)
            elif record.action == "withdrawn":
                requests.withdrawn.setdefault(record.request_id, record)
            elif record.action == "extended":
                requests.extended.setdefault(record.request_id, record)
        return requests

    def _records(self) -> Iterator[Record]:
        if not self.path.exists():
            return
        *lines, _torn = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, start=1):
            yield _record(line, f"{self.path}:{number}")

    def _cut_torn_line(self) -> None:
        """Drop what a process that died while writing has left: it was never reported as written."""
        if self.path.exists():
            content = self.path.read_bytes()
            if content and not content.endswith(b"\n"):
                os.truncate(self.path, content.rfind(b"\n") + 1)


def _record(line: bytes, where: str) -> Record:
    try:
        values: dict[str, Any] = json.loads(line)
        if values.pop("schema") > SCHEMA:
            raise StateError("E-REQ-026", "a newer version has written the line", "Update siu", where)
        content = values.pop("content")
        if content is not None:
            content = Content(**{**content, "aliases": tuple(content["aliases"])})
        return Record(**values, content=content)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        what = f"the line can't be read ({type(error).__name__})"
        raise StateError("E-REQ-026", what, "Restore the file from a copy", where) from None
