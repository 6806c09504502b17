"""A ledger read for an audit: every fault of every line, whatever stands before it.

`siu.audit.ledger` stops at the first bad line, since nothing may be written after it. An auditor wants all.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from siu.audit.entry import GENESIS, Entry, read_entry
from siu.audit.fault import Fault
from siu.audit.merkle import Tree
from siu.errors import StateError

AHEAD = timedelta(days=1)
"""How far a clock may be ahead of the auditor's."""


@dataclass
class Chain:
    """What a ledger's file holds.

    Attributes:
        entries: The entries that are whole, in the order of the file.
        faults: What is wrong with the file.
        tree: The hash tree over all of its lines.
    """

    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)

    @property
    def head(self) -> str:
        """The hash of the last whole entry."""
        return self.entries[-1].hash if self.entries else GENESIS


def read_chain(path: Path, place: str = "state/ledger.jsonl", now: datetime | None = None) -> Chain:
    """Read a ledger without locking or writing anything.

    Args:
        path: The file; one that is not there holds nothing.
        place: What faults call it.
        now: The auditor's clock; None for this machine's.
    """
    chain = Chain()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return chain
    except OSError as error:
        chain.faults.append(Fault("E-LED-001", f"the ledger can't be read ({type(error).__name__})", place))
        return chain
    if path.is_symlink():
        chain.faults.append(Fault("E-LED-001", "the ledger is a link to another file", place))
    latest = ((now or datetime.now(UTC)) + AHEAD).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    *lines, tail = content.split(b"\n")
    _Reader(chain, place, latest).read(lines)
    if tail:
        what = "the last line is torn: a process died while it was writing, or bytes were put after it"
        chain.faults.append(Fault("E-LED-004", what, place, len(lines) + 1))
    return chain


@dataclass
class _Reader:
    """Goes through the lines and finds its feet again after a bad one."""

    chain: Chain
    place: str
    latest: str

    def read(self, lines: list[bytes]) -> None:
        before: Entry | None = None
        follows = True  # whether the line above is whole, so that the next one's link can be checked
        for number, line in enumerate(lines, start=1):
            self.chain.tree.add(line)
            try:
                entry = read_entry(line, "")
            except StateError as error:
                self._fault(error.code, error.what, number)
                follows = False
                continue
            self._check(entry, before, number, follows=follows)
            self.chain.entries.append(entry)
            before, follows = entry, True

    def _check(self, entry: Entry, before: Entry | None, number: int, *, follows: bool) -> None:
        previous = before.hash if before else GENESIS
        if entry.seq != (before.seq + 1 if before and follows else number if not follows else 1):
            self._fault("E-LED-002", f"entry {entry.seq} stands in line {number}", number)
        elif follows and entry.previous != previous:
            self._fault("E-LED-002", "the entry follows another one than the one above it", number)
        if before and entry.schema < before.schema:
            self._fault("E-LED-002", "an older version has written after a newer one", number)
        if before and entry.time < before.time:
            what = f"times run backwards: {entry.time} stands after {before.time}"
            self._fault("E-LED-012", what, number)
        if entry.time > self.latest:
            self._fault("E-LED-012", f"the entry is dated {entry.time}, which is still to come", number)

    def _fault(self, code: str, what: str, number: int) -> None:
        self.chain.faults.append(Fault(code, what, self.place, number))
