"""Who got a release and has to be told of a newer one (GDPR Art. 19): registered, given, acknowledged."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from siu.audit.ledger import Ledger
from siu.audit.recipients import (
    ACKNOWLEDGED,
    FILE,
    GIVEN,
    REGISTERED,
    Recipient,
    Standing,
    read_recipients,
    standings,
)
from siu.data.releases import deployed_of
from siu.errors import InputError
from siu.storage.durable import append_bytes
from siu.storage.workspace import Workspace
from tasks.releases import all_releases, release_of

ID = re.compile(r"[a-z0-9-]{1,40}")
LONGEST = 300


@dataclass(frozen=True)
class Notification:
    """What is to be said of one recipient.

    Attributes:
        recipient_id: Their id.
        recipient: Name and address; None where the private file lacks them.
        newest: The newest release they got; None for none.
        acknowledged: The newest release they said they took in; None for none.
        is_to_be_told: Whether the deployed release is another one than they acknowledged.
    """

    recipient_id: str
    recipient: Recipient | None
    newest: int | None
    acknowledged: int | None
    is_to_be_told: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as a program reads it; private."""
        return {
            "recipient": self.recipient_id,
            "name": self.recipient.name if self.recipient else None,
            "address": self.recipient.address if self.recipient else None,
            "newest": self.newest,
            "acknowledged": self.acknowledged,
            "to_be_told": self.is_to_be_told,
        }


def register(workspace: Workspace, recipient_id: str, name: str, address: str) -> Recipient:
    """Register somebody who gets releases; the caller holds the batch lock.

    Raises:
        InputError: ``E-REL-014`` the id is none or in use; name or address is blank or too long.
    """
    if not ID.fullmatch(recipient_id):
        what = f"{recipient_id[:60]!r} isn't a valid recipient id"
        raise InputError("E-REL-014", what, "Use 1 to 40 of a-z, 0-9 and -, which tell nobody who is meant")
    for text, option in ((name, "--name"), (address, "--address")):
        if not text.strip() or len(text) > LONGEST or not text.isprintable():
            raise InputError(
                "E-REL-014", f"{option} is empty, too long or unprintable", f"Write 1 to {LONGEST} characters"
            )
    ledger = Ledger(workspace.ledger)
    if recipient_id in standings(ledger.entries()):
        raise InputError("E-REL-014", f"the recipient {recipient_id} is registered", "Use another id")
    recipient = Recipient(recipient_id, name.strip(), address.strip(), secrets.token_bytes(32))
    append_bytes(workspace.state / FILE, recipient.line())
    ledger.append(REGISTERED, "", {"recipient": recipient_id, "commitment": recipient.commitment})
    return recipient


def note_given(workspace: Workspace, recipient_id: str, number: int | None = None) -> int:
    """Write down that a recipient got a release, by default the deployed one; return its number.

    Raises:
        InputError: ``E-REL-010`` there is no such release, ``012`` none is deployed, ``015`` there is no such
            recipient.
    """
    _standing(workspace, recipient_id)
    chosen = _number(workspace, number)
    Ledger(workspace.ledger).append(GIVEN, "", {"recipient": recipient_id, "number": chosen})
    return chosen


def note_acknowledged(workspace: Workspace, recipient_id: str, number: int | None = None) -> int:
    """Write down that a recipient has said to use a release now; return its number.

    Raises:
        InputError: As `note_given`; ``E-REL-016`` they never got that release.
    """
    standing, chosen = _standing(workspace, recipient_id), _number(workspace, number)
    if chosen not in standing.given:
        what = f"{recipient_id} never got release {chosen}"
        raise InputError("E-REL-016", what, f"Run `siu release give {recipient_id} --number {chosen}` first")
    Ledger(workspace.ledger).append(ACKNOWLEDGED, "", {"recipient": recipient_id, "number": chosen})
    return chosen


def notifications(workspace: Workspace) -> list[Notification]:
    """Return all recipients who ever got a release, those who are to be told first."""
    entries = Ledger(workspace.ledger).entries()
    private = read_recipients(workspace.state / FILE)
    deployed = deployed_of(all_releases(workspace))
    rows = [
        Notification(
            recipient_id,
            private.get(recipient_id),
            max(standing.given, default=None),
            max(standing.acknowledged, default=None),
            bool(standing.given) and deployed is not None and deployed.number not in standing.acknowledged,
        )
        for recipient_id, standing in standings(entries).items()
    ]
    return sorted(rows, key=lambda row: (not row.is_to_be_told, row.recipient_id))


def _standing(workspace: Workspace, recipient_id: str) -> Standing:
    known = standings(Ledger(workspace.ledger).entries())
    if recipient_id not in known:
        what = f"there is no recipient {recipient_id[:60]!r}"
        raise InputError(
            "E-REL-015", what, "`siu release notify` lists them, `siu release recipient` adds one"
        )
    return known[recipient_id]


def _number(workspace: Workspace, number: int | None) -> int:
    if number is not None:
        return release_of(workspace, number).number
    deployed = deployed_of(all_releases(workspace))
    if deployed is None:
        raise InputError("E-REL-012", "no release is deployed", "Name one with --number")
    return deployed.number
