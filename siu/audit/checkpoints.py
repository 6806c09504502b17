"""The ledger's signed checkpoints, as they lie in ``state/checkpoints``, held against the ledger."""

from collections.abc import Iterable
from pathlib import Path

from siu.audit.chain import Chain
from siu.audit.fault import Fault
from siu.audit.keys import KeyRing
from siu.audit.merkle import consistency_proof
from siu.audit.note import LONGEST, Checkpoint, PublicKey, read_checkpoint
from siu.errors import InputError

FOLDER = "checkpoints"
LEDGER = "ledger.jsonl"
PUBLIC = "keys/public.txt"
SEALED = "sealed"


def checkpoint_file(state: Path, size: int) -> Path:
    """Return where the checkpoint of a size lies."""
    return state / FOLDER / f"{size:08d}.txt"


def checkpoints_below(state: Path) -> list[Path]:
    """Return the files of all checkpoints, the shortest ledger first."""
    return sorted((state / FOLDER).glob("[0-9]*.txt"))


def newest_size(state: Path) -> int:
    """Return the size of the longest ledger that a checkpoint names; 0 without any."""
    return max((int(path.stem) for path in checkpoints_below(state) if path.stem.isdigit()), default=0)


def read_checkpoint_file(path: Path) -> Checkpoint:
    """Return the checkpoint in a file.

    Raises:
        InputError: ``E-LED-011`` it is none, or can't be read.
    """
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST + 1).decode()
    except (OSError, ValueError) as error:
        what = f"this is no checkpoint: {type(error).__name__}"
        raise InputError("E-LED-011", what, "Name the file that was sent", str(path)) from None
    return read_checkpoint(text, str(path))


def check_checkpoints(state: Path, chain: Chain, ring: KeyRing) -> tuple[int, list[Fault]]:
    """Return the size of the newest checkpoint that holds, and the faults of all of them.

    Each sealed batch leaves one, so a missing one is a fault too.
    """
    faults: list[Fault] = []
    sizes: list[int] = []
    present: set[int] = set()
    for path in checkpoints_below(state):
        place = f"state/{FOLDER}/{path.name}"
        try:
            checkpoint = read_checkpoint_file(path)
        except InputError as error:
            faults.append(Fault(error.code, error.what, place))
            continue
        present.add(checkpoint.size)
        wrong, key = _compare(checkpoint, chain), ring.in_force(checkpoint.size)
        is_signed = key is not None and checkpoint.is_signed_by(key)
        if path.is_symlink() or path.name != checkpoint_file(state, checkpoint.size).name:
            faults.append(Fault("E-LED-018", "the checkpoint is another one than its name says", place))
        elif not is_signed:
            what = "the checkpoint isn't signed by the key in force at its size"
            faults.append(Fault("E-LED-019", what, place, checkpoint.size))
        elif not wrong:
            sizes.append(checkpoint.size)
        if wrong and (is_signed or key is None):  # else it is the checkpoint that was changed
            faults.append(Fault("E-LED-018", wrong, f"state/{LEDGER}", min(checkpoint.size, chain.tree.size)))
    faults += _missing(chain, ring, present)
    return max(sizes, default=0), faults


def check_old(old: Checkpoint, chain: Chain, keys: Iterable[PublicKey]) -> list[Fault]:
    """Return whether the ledger still begins with what a checkpoint kept elsewhere covers."""
    place = f"checkpoint of {old.size} entries"
    if not any(old.is_signed_by(key) for key in keys):
        return [Fault("E-LED-019", "the checkpoint isn't signed by a key that you trust", place)]
    wrong = _compare(old, chain)
    return [Fault("E-LED-018", wrong, place, min(old.size, chain.tree.size))] if wrong else []


def check_public_key(state: Path, ring: KeyRing) -> list[Fault]:
    """Return whether the public key that lies beside the ledger, to be given away, is the one in force."""
    path, place = state / PUBLIC, f"state/{PUBLIC}"
    if ring.current is None:
        return []
    try:
        is_same = not path.is_symlink() and path.read_bytes() == f"{ring.current}\n".encode()
    except OSError:
        is_same = False
    what = "the public key in force is missing here, or is another one"
    return [] if is_same else [Fault("E-KEY-006", what, place)]


def proof_since(old: Checkpoint, chain: Chain, size: int) -> list[bytes]:
    """Return the consistency proof from a checkpoint to a size of the ledger."""
    return consistency_proof(chain.tree.leaves[:size], old.size)


def _compare(checkpoint: Checkpoint, chain: Chain) -> str:
    if checkpoint.size > chain.tree.size:
        return f"the ledger has {chain.tree.size} lines, and had {checkpoint.size}: its end was cut off"
    if chain.tree.root(checkpoint.size) != checkpoint.root:
        return f"the first {checkpoint.size} lines are others than they were: the ledger was rewritten"
    return ""


def _missing(chain: Chain, ring: KeyRing, present: set[int]) -> list[Fault]:
    seals = [entry.seq for entry in chain.entries if entry.event == SEALED and ring.in_force(entry.seq)]
    ends = [*seals, chain.tree.size + 1][1:]
    return [
        Fault("E-LED-019", "the checkpoint that was signed here is missing", f"state/{FOLDER}", seal)
        for seal, end in zip(seals, ends, strict=True)
        if not any(seal <= size < end for size in present)
    ]
