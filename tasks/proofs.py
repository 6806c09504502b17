"""What is handed to others of the ledger: its newest checkpoint, and proofs for those who hold an old one."""

from pathlib import Path

from siu.audit.chain import read_chain
from siu.audit.checkpoints import LEDGER, check_old, checkpoints_below, proof_since, read_checkpoint_file
from siu.audit.fault import TamperedError
from siu.audit.keys import key_ring
from siu.audit.note import Checkpoint
from siu.errors import StateError
from siu.storage.workspace import Workspace


def newest_checkpoint(workspace: Workspace) -> Checkpoint:
    """Return the newest checkpoint.

    Raises:
        StateError: ``E-LED-023`` there is none yet.
    """
    files = checkpoints_below(workspace.state)
    if not files:
        what = "there is no checkpoint yet"
        raise StateError("E-LED-023", what, "Run `siu batch`, which signs one", str(workspace.state))
    return read_checkpoint_file(files[-1])


def proof_from(workspace: Workspace, old: Path, newest: Checkpoint) -> list[bytes]:
    """Return the consistency proof from an older checkpoint to the newest.

    Raises:
        InputError: ``E-LED-011`` the file is no checkpoint.
        TamperedError: The ledger does not begin with what it covers.
    """
    checkpoint = read_checkpoint_file(old)
    chain = read_chain(workspace.state / LEDGER)
    key = key_ring(chain.entries).in_force(checkpoint.size)
    if faults := check_old(checkpoint, chain, filter(None, [key])):
        raise TamperedError(tuple(faults))
    return proof_since(checkpoint, chain, newest.size)
