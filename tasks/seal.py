"""What ends every command that makes something: all that lies in the workspace is bound, and the end signed.

An output is bound by the entry about it, as soon as it is made. The seal binds what no request alone has made
(the release's answers, the report, the deployed copy, the collection), and signs a checkpoint behind it.
"""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from siu.audit.bindings import (
    LISTINGS,
    OUTPUT,
    Bindings,
    bindings_of,
    changed_output,
    check_listing,
    listing_of,
    listing_text,
    manifest_digest,
    outputs_below,
    read_listing,
)
from siu.audit.chain import read_chain
from siu.audit.checkpoints import checkpoint_file, newest_size
from siu.audit.fault import Fault
from siu.audit.ledger import Ledger
from siu.audit.note import Checkpoint
from siu.audit.signer import Signer
from siu.errors import StateError
from siu.storage.digest import value_digest
from siu.storage.durable import replace_text
from siu.storage.fault_points import fault_point
from siu.storage.workspace import Workspace
from tasks.history import History
from tasks.signing import signer_of

SEALED, ALTERED = "sealed", "altered"
UNSIGNED = "seal_unsigned"
"""Written where the checkpoint of the last seal was not there; it is made up for."""
MOST = 100
"""Places that an entry names; more are counted."""


def note_altered(workspace: Workspace) -> tuple[str, ...]:
    """Write into the ledger which listed files were changed since they were sealed; return notes about it.

    A batch writes some of them anew, and what it finds must not be forgotten over that. The same changes are
    written once.
    """
    entries = Ledger(workspace.ledger).entries()
    bindings = bindings_of(entries)
    faults = _altered(workspace, bindings)
    if not faults:
        return ()
    places = sorted({fault.place for fault in faults})
    data = {"files": len(places), "places": value_digest(places), "listing": bindings.listing}
    if not any(entry.event == ALTERED and entry.data == data for entry in entries):
        Ledger(workspace.ledger).append(ALTERED, "", data)
    return tuple(f"changed behind the ledger's back, which now says so: {place}" for place in places[:MOST])


def seal(workspace: Workspace) -> Checkpoint | None:
    """Bind whatever is not bound yet and sign a checkpoint; return it, or None where nothing was ever made.

    Nothing is written where everything is bound and signed already. The caller holds the batch lock.

    Raises:
        StateError: The ledger is broken; ``E-LED-022`` an output is another one than the ledger binds.
    """
    ledger = Ledger(workspace.ledger)
    entries = ledger.entries()
    bindings = bindings_of(entries)
    outputs = _new_outputs(workspace, bindings)
    files = listing_of(workspace.root)
    listing = listing_text(files)
    digest = sha256(listing.encode()).hexdigest()
    if not entries and not outputs and not files:
        return None
    signer = signer_of(workspace, ledger)
    if signer is not None and newest_size(workspace.state) < bindings.listing_entry:
        ledger.append(UNSIGNED, "", {"seal": bindings.listing_entry})  # a process died behind its seal
        _sign(workspace, signer)
    if outputs or digest != bindings.listing:
        _write_listing(workspace, digest, listing)
        fault_point("seal.listing")
        ledger.append(SEALED, "", {"outputs": outputs, "listing": digest, "files": len(files)})
    if signer is None:
        return None
    fault_point("seal.checkpoint")
    return _sign(workspace, signer)


def _sign(workspace: Workspace, signer: Signer) -> Checkpoint:
    """Sign a checkpoint of the whole ledger, unless there is one."""
    chain = read_chain(workspace.ledger)
    checkpoint = signer.checkpoint(chain.tree.size, chain.tree.root())
    file = checkpoint_file(workspace.state, checkpoint.size)
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_text(file, str(checkpoint))
    return checkpoint


def seal_after_failure(workspace: Workspace) -> None:
    """Bind what a command has left that came to a bad end; its own error is the one to be seen."""
    with suppress(StateError, OSError, ValueError):
        seal(workspace)


def refuse_changed(history: History, folder: Path, output: str, *, is_found: bool) -> str:
    """Return what binds an output; refuse one that was found and is another one than the ledger binds.

    Raises:
        StateError: ``E-LED-022`` it is another one.
    """
    digest = manifest_digest(folder)
    bound = history.bound.get(output)
    if is_found and bound is not None and bound != digest:
        raise changed_output(output)
    return digest


def _altered(workspace: Workspace, bindings: Bindings) -> list[Fault]:
    if not bindings.listing:
        return []
    file = workspace.state / LISTINGS / f"{bindings.listing}.json"
    files, wrong = read_listing(file, bindings.listing)
    if wrong:
        return [Fault("E-LED-013", wrong, f"state/{LISTINGS}/{file.name}", bindings.listing_entry)]
    return check_listing(workspace.root, files, bindings.listing_entry)


def _new_outputs(workspace: Workspace, bindings: Bindings) -> dict[str, str]:
    """Return the outputs that no entry binds yet, each with its manifest's digest."""
    return {
        output: manifest_digest(folder)
        for output, folder in outputs_below(workspace.artifacts)
        if OUTPUT.fullmatch(output)
        and output not in bindings.outputs
        and not folder.is_symlink()
        and (folder / "manifest.json").is_file()
    }


def _write_listing(workspace: Workspace, digest: str, text: str) -> None:
    """Write the listing; those before it are of no use any more."""
    folder = workspace.state / LISTINGS
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{digest}.json"
    if not file.is_file():
        replace_text(file, text)
    for old in folder.glob("*.json"):
        if old != file:
            old.unlink()
