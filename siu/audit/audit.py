"""An audit: everything that a workspace, or its ledger's folder alone, is held against.

Nothing is written and no lock is taken, so it works on a read-only copy. It needs the ledger and, for the
signatures, the public key from elsewhere: nothing of the pipeline, no model, no torch.
"""

from dataclasses import dataclass
from pathlib import Path

from siu.audit.bindings import LISTINGS, Bindings, bindings_of, check_listing, outputs_below, read_listing
from siu.audit.chain import Chain, read_chain
from siu.audit.checkpoints import LEDGER, check_checkpoints, check_old, check_public_key
from siu.audit.committed import check_parameters, check_requests
from siu.audit.fault import Fault, TamperedError
from siu.audit.keys import key_ring
from siu.audit.note import Checkpoint, PublicKey
from siu.audit.outputs import check_deployed, check_outputs
from siu.audit.recipients import check_recipients
from siu.errors import InputError

OWN_WORD = "the key is the ledger's own word: compare it with one from elsewhere (--key)"
"""What an audit without a trusted key notes."""


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes:
        entries: How many whole entries the ledger has.
        outputs: How many outputs were compared.
        files: How many other files were compared.
        head: Hash of the last entry.
        signed: How many entries the newest good checkpoint covers.
        key: Name of the key that signs; empty if there never was one.
        faults: What is not as it was written, the deployed release first.
        notices: What is no fault and has to be known.
    """

    entries: int
    outputs: int
    files: int
    head: str
    signed: int
    key: str
    faults: tuple[Fault, ...]
    notices: tuple[str, ...]

    def raise_if_any(self) -> None:
        """Raise all faults as one error.

        Raises:
            TamperedError: There are some.
        """
        if self.faults:
            raise TamperedError(self.faults)

    @property
    def lines(self) -> list[str]:
        """What was found, for a person."""
        sealed = f"{self.signed} of them signed by {self.key}" if self.signed else "none of them signed"
        what = (
            f"{self.entries} ledger entries ({sealed}), {self.outputs} outputs and {self.files} other files "
            f"are as they were written; head {self.head}"
        )
        return [*(f"note: {notice}" for notice in self.notices), *([] if self.faults else [what])]


def audit(
    folder: Path, trusted: tuple[PublicKey, ...] = (), old: Checkpoint | None = None, head: str | None = None
) -> Audit:
    """Hold a workspace against its ledger, and the ledger against its signatures.

    Args:
        folder: A workspace, or a folder with a ledger alone.
        trusted: Public keys that are known from elsewhere; without any the ledger's own word is taken.
        old: A checkpoint kept elsewhere; the ledger must still begin with what it covers.
        head: The hash of an entry kept elsewhere; the ledger must still hold it.

    Raises:
        InputError: ``E-LED-016`` the folder holds neither a workspace nor a ledger.
    """
    root, state = _places(folder)
    place = "state/ledger.jsonl" if root else LEDGER
    chain = read_chain(state / LEDGER, place)
    bindings = bindings_of(chain.entries)
    ring = key_ring(chain.entries, trusted, place)
    faults = check_deployed(root, bindings) if root else []
    faults += _missing_ledger(root, state, chain)
    faults += chain.faults + ring.faults
    signed, signatures = check_checkpoints(state, chain, ring)
    faults += signatures + check_public_key(state, ring) + check_parameters(state, bindings)
    faults += check_recipients(state, chain.entries)
    if old is not None:
        faults += check_old(old, chain, (*trusted, *filter(None, [ring.in_force(old.size)])))
    if head is not None and head not in {entry.hash for entry in chain.entries}:
        what = f"the ledger does not hold the head {head}: its end was cut off, or it was rewritten"
        faults.append(Fault("E-LED-005", what, place))
    files, listing_faults = _listed(root, state, bindings)
    if root is not None:
        known = {(fault.place, fault.what) for fault in faults}
        checked = check_outputs(root / "artifacts", bindings)
        faults += [fault for fault in checked if (fault.place, fault.what) not in known]
        faults += listing_faults + check_requests(root, state, bindings)
    else:
        faults += listing_faults
    return Audit(
        len(chain.entries),
        len(list(outputs_below(root / "artifacts"))) if root else 0,
        files if root else 0,
        chain.head,
        signed,
        ring.origin,
        tuple(faults),
        tuple(_notices(chain, bindings, signed, trusted)),
    )


def _places(folder: Path) -> tuple[Path | None, Path]:
    """Return the workspace, if the folder is one, and where the ledger lies."""
    if (folder / LEDGER).is_file():
        return None, folder
    if any((folder / name).is_dir() for name in ("state", "artifacts")) or (folder / "params.yaml").is_file():
        return folder, folder / "state"
    remedy = "Name a workspace, or the folder that holds ledger.jsonl"
    raise InputError("E-LED-016", "the folder holds neither a workspace nor a ledger", remedy, str(folder))


def _missing_ledger(root: Path | None, state: Path, chain: Chain) -> list[Fault]:
    """A workspace that has made something has a ledger."""
    if chain.entries or chain.faults or root is None:
        return []
    made = [
        *outputs_below(root / "artifacts"),
        *(root / "reports").glob("*"),
        *(state / "checkpoints").glob("*"),
    ]
    made += [*(state / "models").glob("*")]
    what = f"there is no ledger, and {len(made)} outputs and releases are here"
    return [Fault("E-LED-015", what, "state/ledger.jsonl")] if made else []


def _listed(root: Path | None, state: Path, bindings: Bindings) -> tuple[int, list[Fault]]:
    """Hold all other files against the newest listing; without a workspace, the listing alone."""
    if not bindings.listing:
        return 0, []
    files, wrong = read_listing(state / LISTINGS / f"{bindings.listing}.json", bindings.listing)
    if wrong:
        place = f"state/{LISTINGS}/{bindings.listing}.json"
        return 0, [Fault("E-LED-013", wrong, place, bindings.listing_entry)]
    return len(files), check_listing(root, files, bindings.listing_entry) if root else []


def _notices(chain: Chain, bindings: Bindings, signed: int, trusted: tuple[PublicKey, ...]) -> list[str]:
    notices = []
    if not bindings.is_bound and any(entry.schema == 1 for entry in chain.entries):
        notices.append(
            "an earlier version wrote the ledger, which binds no results; the next batch binds them"
        )
    if signed and len(chain.entries) > signed:
        unsigned = len(chain.entries) - signed
        are = "1 entry stands" if unsigned == 1 else f"{unsigned} entries stand"
        notices.append(f"{are} after the last checkpoint")
    if signed and not trusted:
        notices.append(OWN_WORD)
    for request_id, entry in bindings.committed_anew.items():
        notices.append(f"the row or picture of {request_id} was changed between batches (entry {entry})")
    for entry in bindings.altered:
        notices.append(f"entry {entry} says that files had been changed before that batch")
    return notices
