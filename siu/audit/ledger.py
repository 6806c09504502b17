"""The audit ledger: an append-only file of JSON lines, each holding the hash of the one before.

Whoever changes, drops, swaps or repeats an entry breaks the chain. A tail that was cut off is only shown by
a head kept elsewhere: `siu verify` prints it, and compares with one. Entries carry opaque ids only.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from siu.audit.author import Author, author_here
from siu.audit.entry import GENESIS, Entry, check_entry, make_entry
from siu.errors import StateError
from siu.storage.clock import utc_now
from siu.storage.digest import canonical_json
from siu.storage.durable import append_bytes

LOCK_SECONDS = 60
PRIVATE_KEYS = frozenset({"name", "names", "alias", "aliases", "image", "images", "picture", "pictures"})
_EVENT = re.compile(r"[a-z][a-z_]{0,40}")
_REQUEST_ID = re.compile(r"[a-z0-9-]{0,40}")


class Ledger:
    """The ledger in one file; several processes may append at the same time.

    A file that is not there is an empty ledger. What was checked once by this object is not read again by
    `append`, only by `verify` and `entries`.

    Args:
        path: The file.
        author: Who or what writes; None for this process.
    """

    def __init__(self, path: Path, author: Author | None = None) -> None:
        self.path = path
        self._author = author
        self._checked_bytes = 0
        self._last: Entry | None = None

    def append(self, event: str, request_id: str, data: Mapping[str, Any]) -> Entry:
        """Write an entry to disk and return it; when this returns, it outlives a power cut.

        Args:
            event: What happened, as a plain word.
            request_id: Opaque id; empty for what concerns no single request.
            data: JSON-like digests, counts and ids.

        Raises:
            StateError: The ledger is broken (see `verify`) and is not written to, ``E-LED-006`` another
                process has held it for a minute, ``007`` the entry would carry more than opaque ids.
            ValueError: The data are not JSON-like.
        """
        return self.append_all([(event, request_id, data)])[0]

    def append_all(self, events: Sequence[tuple[str, str, Mapping[str, Any]]]) -> tuple[Entry, ...]:
        """Write an entry for each event, all of them or none, and bring them to disk in one go.

        Args:
            events: Event, request id and data of each; see `append`, whose errors are raised.
        """
        plain = [
            (event, request_id, json.loads(canonical_json(dict(data)))) for event, request_id, data in events
        ]
        for event, request_id, content in plain:
            _refuse_private(event, request_id, content)
        if not plain:
            return ()
        with self._locked():
            self._check_new_lines()
            return self._write(plain)

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries, checked.

        Raises:
            StateError: See `verify`.
        """
        with self._locked(read_only=True):
            return self._read_all()

    def new_entries(self) -> tuple[Entry, ...]:
        """Return the entries after those that this object has read so far.

        Raises:
            StateError: See `verify`; ``E-LED-005`` the ledger is shorter than it was.
        """
        with self._locked(read_only=True):
            return self._check_new_lines()

    def verify(self, *, expected_head: str | None = None) -> str:
        """Check every entry and return the head: the hash of the last one, or 64 zeros.

        Args:
            expected_head: A head kept elsewhere; the ledger may have grown since.

        Raises:
            StateError: Names the first bad line. ``E-LED-001`` it was changed, ``002`` it does not follow
                the one before, ``003`` a newer version has written it, ``004`` the last line was cut off in
                the middle of a write, ``005`` the expected head is not in the ledger.
        """
        hashes = [GENESIS, *(entry.hash for entry in self.entries())]
        if expected_head is not None and expected_head not in hashes:
            what = (
                f"the ledger does not hold the head {expected_head}: its end was cut off, or it was rewritten"
            )
            raise StateError("E-LED-005", what, "Restore the ledger from a copy", str(self.path))
        return hashes[-1]

    def repair(self) -> Entry | None:
        """Cut off a torn last line, keep it in a file beside the ledger, and write an entry about that.

        Such a line was never reported as written. Nothing else is ever mended.

        Returns:
            The entry ``ledger_repaired``; None where no line is torn.

        Raises:
            StateError: The ledger was tampered with (see `verify`).
        """
        with self._locked():
            try:
                self._read_all()
                return None
            except StateError as error:
                if error.code != "E-LED-004":
                    raise
            torn = self._new_bytes()
            torn_file = self.path.with_name(f"{self.path.name}.torn-{self._next_seq()}")
            append_bytes(torn_file, torn)
            os.truncate(self.path, self._checked_bytes)
            data = {"bytes": len(torn), "sha256": hashlib.sha256(torn).hexdigest()}
            return self._write([("ledger_repaired", "", data)])[0]

    @contextmanager
    def _locked(self, *, read_only: bool = False) -> Iterator[None]:
        """Keep other processes out; the kernel frees the lock when this one dies.

        A reader makes no folder, and reads without a lock where it may not write: nobody else does there.
        """
        if read_only and not self.path.is_file():
            yield
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path.with_name(self.path.name + ".lock"))
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout:
            what = f"another process has held the ledger for {LOCK_SECONDS} s"
            raise StateError("E-LED-006", what, "Wait for it or end it", str(self.path)) from None
        except OSError:
            if not read_only:
                raise
            yield
            return
        try:
            yield
        finally:
            lock.release()

    def _new_bytes(self) -> bytes:
        """Return what lies after the lines already checked."""
        if not self.path.exists():
            return b""
        with self.path.open("rb") as file:
            file.seek(self._checked_bytes)
            return file.read()

    def _next_seq(self) -> int:
        return self._last.seq + 1 if self._last else 1

    def _read_all(self) -> tuple[Entry, ...]:
        self._checked_bytes, self._last = 0, None
        return self._check_new_lines()

    def _check_new_lines(self) -> tuple[Entry, ...]:
        """Check the lines after those already checked and return their entries."""
        size = self.path.stat().st_size if self.path.exists() else 0
        if size < self._checked_bytes:
            what = "the ledger is shorter than it was"
            raise StateError("E-LED-005", what, "Restore the ledger from a copy", str(self.path))
        entries = []
        *lines, tail = self._new_bytes().split(b"\n")
        for line in lines:
            self._last = check_entry(line, self._last, f"{self.path}:{self._next_seq()}")
            self._checked_bytes += len(line) + 1
            entries.append(self._last)
        if tail:
            self._raise_for_tail(tail)
        return tuple(entries)

    def _raise_for_tail(self, tail: bytes) -> None:
        """Tell a line torn by a crash from one whose end was changed."""
        where = f"{self.path}:{self._next_seq()}"
        try:
            _, end = json.JSONDecoder().raw_decode(tail.decode())
        except (ValueError, RecursionError):
            end = len(tail)
        if end < len(tail):  # a whole entry and something else after it: no crash does that
            check_entry(tail, self._last, where)
        what = "the last line is torn: a process died while it was writing"
        raise StateError("E-LED-004", what, "Run `siu verify --repair`, which keeps a record of it", where)

    def _write(self, events: Sequence[tuple[str, str, dict[str, Any]]]) -> tuple[Entry, ...]:
        time = utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entries: list[Entry] = []
        last, author = self._last, self._author or author_here()
        for event, request_id, data in events:
            last = make_entry(last, time, event, request_id, data, author)
            entries.append(last)
        content = b"".join(entry.line() for entry in entries)
        append_bytes(self.path, content)
        self._last, self._checked_bytes = last, self._checked_bytes + len(content)
        return tuple(entries)


def _refuse_private(event: str, request_id: str, data: Any) -> None:
    if not _EVENT.fullmatch(event) or not _REQUEST_ID.fullmatch(request_id):
        what = f"{event!r} of {request_id!r} is no event of an opaque id"
        raise StateError("E-LED-007", what, "Use a plain word, and an id of a-z, 0-9 and -")
    for key in _keys(data):
        if key.lower() in PRIVATE_KEYS:
            raise StateError("E-LED-007", f"the entry would carry the field {key!r}", "Write an opaque id")


def _keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in _keys(inner))]
    return [key for inner in value for key in _keys(inner)] if isinstance(value, list) else []
