"""Who got a release, as the ledger and a private file tell it together.

The ledger holds an opaque id and a keyed commitment; name and address stand in ``state/recipients.jsonl``.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from siu.audit.entry import Entry
from siu.audit.fault import Fault
from siu.storage.digest import canonical_json

FILE = "recipients.jsonl"
REGISTERED, GIVEN, ACKNOWLEDGED = "recipient_registered", "release_given", "release_acknowledged"


@dataclass(frozen=True)
class Recipient:
    """One recipient of releases.

    Attributes:
        recipient: Opaque id.
        name: Who it is; private.
        address: Where they are told: an address, or a reference to one; private.
        key: Random key of the commitment.
    """

    recipient: str
    name: str
    address: str
    key: bytes

    def line(self) -> bytes:
        """Return the recipient as the private file holds it."""
        content = {
            "address": self.address,
            "key": self.key.hex(),
            "name": self.name,
            "recipient": self.recipient,
        }
        return canonical_json(content).encode() + b"\n"

    @property
    def commitment(self) -> str:
        """What the ledger says of name and address."""
        text = canonical_json([self.recipient, self.name, self.address])
        return hmac.new(self.key, b"siu recipient v1\n" + text.encode(), "sha256").hexdigest()


@dataclass
class Standing:
    """What the ledger says of one recipient.

    Attributes:
        commitment: To name and address.
        entry: The entry that says so.
        given: Number of each release they got, to when.
        acknowledged: Number of each release they said they took in, to when.
    """

    commitment: str
    entry: int
    given: dict[int, str] = field(default_factory=dict)
    acknowledged: dict[int, str] = field(default_factory=dict)


def standings(entries: Iterable[Entry]) -> dict[str, Standing]:
    """Return what the ledger says of each recipient, by id."""
    known: dict[str, Standing] = {}
    for entry in entries:
        recipient, number = str(entry.data.get("recipient")), entry.data.get("number")
        if entry.event == REGISTERED:
            known[recipient] = Standing(str(entry.data.get("commitment")), entry.seq)
        elif recipient in known and isinstance(number, int):
            if entry.event == GIVEN:
                known[recipient].given.setdefault(number, entry.time)
            elif entry.event == ACKNOWLEDGED:
                known[recipient].acknowledged.setdefault(number, entry.time)
    return known


def read_recipients(file: Path) -> dict[str, Recipient]:
    """Return the recipients of a private file by id; lines that are none are passed over."""
    recipients: dict[str, Recipient] = {}
    for line in file.read_bytes().splitlines() if file.is_file() else ():
        try:
            content = json.loads(line)
            key = bytes.fromhex(content["key"])
            recipient = Recipient(content["recipient"], content["name"], content["address"], key)
            if recipient.line()[:-1] == line:
                recipients[recipient.recipient] = recipient
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
    return recipients


def check_recipients(state: Path, entries: Iterable[Entry]) -> list[Fault]:
    """Return which recipients' names and addresses are missing or others than those registered."""
    known, faults = standings(entries), []
    there = read_recipients(state / FILE) if known and not (state / FILE).is_symlink() else {}
    for recipient, standing in known.items():
        private = there.get(recipient)
        if private is None or private.commitment != standing.commitment:
            what = f"name and address of the recipient {recipient} are missing or others"
            faults.append(Fault("E-LED-028", what, f"state/{FILE}", standing.entry))
    return faults
