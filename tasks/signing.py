"""The workspace's signing key: made, rotated and revoked by entries of its ledger."""

import base64
import os
import secrets
from pathlib import Path

from siu.audit.keys import CREATED, REVOKED, ROTATED, KeyRing, key_ring, rotation_message
from siu.audit.ledger import Ledger
from siu.audit.note import PublicKey
from siu.audit.signer import Signer, new_signer, read_private, write_private
from siu.errors import InputError
from siu.storage.durable import replace_text
from siu.storage.fault_points import fault_point
from siu.storage.workspace import Workspace

FOLDER = "keys"
PUBLIC = "public.txt"
VARIABLE = "SIU_SIGNING_KEY"
"""Environment variable that names the private key's file, where it lies outside the workspace."""


def current_key(workspace: Workspace) -> PublicKey | None:
    """Return the key in force, or None."""
    return key_ring(Ledger(workspace.ledger).entries()).current


def signer_of(workspace: Workspace, ledger: Ledger) -> Signer | None:
    """Return what signs the ledger; a ledger without any key so far gets one.

    Returns:
        None where the last key was revoked: then a person has to make a new one.

    Raises:
        InputError: ``E-KEY-002`` the private key can't be read, ``004`` it is not the one in force.
    """
    entries = ledger.entries()
    ring = key_ring(entries)
    current = ring.current
    if current is None:
        if any(entry.event == REVOKED for entry in entries):
            return None
        return create_key(workspace)
    signer = read_private(current.name, private_file(workspace, current))
    if signer.public != current:
        what = f"the private key is {signer.public.key_id.hex()}, the one in force is {current.key_id.hex()}"
        remedy = f"Name the right file in {VARIABLE}, or run `siu keys rotate`"
        raise InputError("E-KEY-004", what, remedy, str(private_file(workspace, current)))
    _make_up_for_public(workspace, ring)
    return signer


def private_file(workspace: Workspace, key: PublicKey) -> Path:
    """Return where the private half of a key lies."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else workspace.state / FOLDER / f"{key.key_id.hex()}.pem"


def create_key(workspace: Workspace, name: str = "") -> Signer:
    """Make the ledger's first key, or one after the last was revoked.

    Args:
        workspace: Where.
        name: Name of the ledger, its origin; empty for a random one.

    Raises:
        InputError: ``E-KEY-005`` there is one in force, or the name can't be a key's.
    """
    ledger = Ledger(workspace.ledger)
    ring = key_ring(ledger.entries())
    if ring.current is not None:
        what = f"the key {ring.current.key_id.hex()} is in force"
        raise InputError("E-KEY-005", what, "Use `siu keys rotate`", str(workspace.ledger))
    origin = name or ring.origin or f"siu/{secrets.token_hex(6)}"
    if not origin.isprintable() or any(letter in " +" for letter in origin) or len(origin) > 100:
        raise InputError("E-KEY-005", f"{origin[:60]!r} can't name a key", "Use letters, digits, . and /")
    signer = _new(workspace, origin)
    ledger.append(CREATED, "", {"key": str(signer.public)})
    fault_point("keys.public")
    _write_public(workspace, signer.public)
    return signer


def rotate_key(workspace: Workspace) -> Signer:
    """Put a new key into the place of the one in force; both sign that.

    Raises:
        InputError: ``E-KEY-005`` none is in force; see `signer_of`.
    """
    ledger = Ledger(workspace.ledger)
    current = key_ring(ledger.entries()).current
    old = None if current is None else signer_of(workspace, ledger)
    if old is None:
        raise InputError("E-KEY-005", "no key is in force", "Use `siu keys create`", str(workspace.ledger))
    new = _new(workspace, old.name)
    message = rotation_message(old.public, new.public)
    signatures = {
        f"signed_by_{which}": base64.b64encode(signer.sign(message)).decode()
        for which, signer in (("old", old), ("new", new))
    }
    ledger.append(ROTATED, "", {"key": str(new.public), "before": old.public.key_id.hex(), **signatures})
    fault_point("keys.public")
    _write_public(workspace, new.public)
    return new


def revoke_key(workspace: Workspace, reason: str) -> PublicKey:
    """Take the key out of force; what it signed before keeps its worth by its place in the ledger.

    Raises:
        InputError: ``E-KEY-005`` none is in force.
    """
    ledger = Ledger(workspace.ledger)
    current = key_ring(ledger.entries()).current
    if current is None:
        raise InputError("E-KEY-005", "no key is in force", "Use `siu keys create`", str(workspace.ledger))
    ledger.append(REVOKED, "", {"key_id": current.key_id.hex(), "reason": reason})
    (workspace.state / FOLDER / PUBLIC).unlink(missing_ok=True)
    return current


def _new(workspace: Workspace, origin: str) -> Signer:
    signer = new_signer(origin)
    write_private(signer, workspace.state / FOLDER / f"{signer.public.key_id.hex()}.pem")
    return signer


def _make_up_for_public(workspace: Workspace, ring: KeyRing) -> None:
    """Write the public key where a process died before it could: there is none, or still the one before."""
    file, current = workspace.state / FOLDER / PUBLIC, ring.current
    assert current is not None
    is_former = file.is_file() and file.read_bytes() in {f"{key}\n".encode() for key in ring.former}
    if is_former or not file.exists():
        _write_public(workspace, current)


def _write_public(workspace: Workspace, key: PublicKey) -> None:
    """Write the public key beside the ledger: to be given away, not to be trusted where it lies."""
    replace_text(workspace.state / FOLDER / PUBLIC, f"{key}\n")
