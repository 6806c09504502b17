"""Which key was in force at which length of the ledger.

Keys come and go by entries: ``key_created``, ``key_rotated`` (signed by the old key and the new one) and
``key_revoked``. A stolen key can sign anything with any date, so a signature is judged by its place in the
ledger, never by a date: a checkpoint of size n counts if its key was in force after entry n.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass, field

from siu.audit.entry import Entry
from siu.audit.fault import Fault
from siu.audit.note import PublicKey, read_key
from siu.errors import InputError

CREATED, ROTATED, REVOKED = "key_created", "key_rotated", "key_revoked"


def rotation_message(old: PublicKey, new: PublicKey) -> bytes:
    """Return what both keys sign when one takes the other's place."""
    return f"siu key rotation v1\n{old}\n{new}\n".encode()


@dataclass
class KeyRing:
    """The keys of one ledger.

    Attributes:
        current: The key in force after the last entry; None if there is none.
        origin: The name of the last key there was; empty if there never was one.
        faults: Entries about keys that don't hold.
    """

    trusted: tuple[PublicKey, ...] = ()
    current: PublicKey | None = None
    origin: str = ""
    faults: list[Fault] = field(default_factory=list)
    _changes: list[tuple[int, PublicKey | None]] = field(default_factory=list)

    def in_force(self, size: int) -> PublicKey | None:
        """Return the key that signs a checkpoint over the first entries."""
        known = [key for seq, key in self._changes if seq <= size]
        return known[-1] if known else None

    @property
    def former(self) -> tuple[PublicKey, ...]:
        """The keys that were in force before the current one."""
        return tuple(key for _, key in self._changes if key is not None and key != self.current)

    def add(self, entry: Entry, place: str) -> None:
        """Take in one more entry."""
        try:
            if entry.event == CREATED:
                self._create(entry)
            elif entry.event == ROTATED:
                self._rotate(entry)
            elif entry.event == REVOKED:
                self._set(entry.seq, None)
        except InputError as error:
            self.faults.append(Fault(error.code, error.what, place, entry.seq))

    def _create(self, entry: Entry) -> None:
        key = read_key(str(entry.data.get("key")))
        if self.trusted and key not in self.trusted:
            raise InputError("E-KEY-003", f"the key {key.key_id.hex()} is none of those you trust", "")
        if self.current is not None:
            raise InputError("E-KEY-003", "a key was created while another one was in force", "")
        self._set(entry.seq, key)

    def _rotate(self, entry: Entry) -> None:
        key = read_key(str(entry.data.get("key")))
        if self.current is None:
            raise InputError("E-KEY-003", "a key was rotated though none was in force", "")
        message = rotation_message(self.current, key)
        for signer, name in ((self.current, "old"), (key, "new")):
            if not signer.verifies(_bytes(entry.data.get(f"signed_by_{name}")), message):
                raise InputError("E-KEY-003", f"the rotation isn't signed by the {name} key", "")
        self._set(entry.seq, key)

    def _set(self, seq: int, key: PublicKey | None) -> None:
        self.current = key
        self.origin = key.name if key else self.origin
        self._changes.append((seq, key))


def key_ring(entries: Iterable[Entry], trusted: tuple[PublicKey, ...] = (), place: str = "") -> KeyRing:
    """Return the keys of a ledger.

    Args:
        entries: All of them.
        trusted: The keys that the auditor knows from elsewhere; none to take the ledger's word.
        place: What faults call the ledger.
    """
    ring = KeyRing(trusted)
    for entry in entries:
        ring.add(entry, place)
    return ring


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (ValueError, binascii.Error):
        return b""
