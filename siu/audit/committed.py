"""What people edit, held against the ledger: requests' pictures and rows, and the parameters of each batch.

A batch commits to the row and the picture of each request that it takes, and keeps its parameters. An edit of
``params.yaml`` for the next batch is no fault. A request that is asked for otherwise than it was served is
one, until a batch takes it in anew, which the ledger then tells.
"""

from pathlib import Path

from siu.audit.bindings import DIGEST, Bindings
from siu.audit.commitment import Opening, opening_file, read_opening
from siu.audit.fault import Fault
from siu.audit.request_rows import row_in
from siu.storage.digest import file_digest

PARAMETERS = "params"


def parameters_file(state: Path, digest: str) -> Path:
    """Return where a copy of a batch's parameters lies."""
    return state / PARAMETERS / f"{digest}.json"


def check_parameters(state: Path, bindings: Bindings) -> list[Fault]:
    """Return which copies of batches' parameters are missing, changed, links, or unknown to the ledger."""
    faults = []
    for digest, entry in bindings.parameters.items():
        file = parameters_file(state, digest)
        try:
            is_same = DIGEST.fullmatch(digest) and not file.is_symlink() and file_digest(file) == digest
        except OSError:
            is_same = False
        if not is_same:
            what = "the parameters of a batch are missing here, or others"
            faults.append(Fault("E-LED-024", what, f"state/{PARAMETERS}/{file.name}", entry))
    for path in sorted((state / PARAMETERS).glob("*")):
        if path.stem not in bindings.parameters or path.suffix != ".json":
            what = "the file was added; no entry knows it"
            faults.append(Fault("E-LED-014", what, f"state/{PARAMETERS}/{path.name}"))
    return faults


def check_requests(root: Path, state: Path, bindings: Bindings) -> list[Fault]:
    """Open the commitments to the requests' pictures and rows; return what is not as it was served."""
    faults = []
    for request_id, (commitment, entry) in bindings.commitments.items():
        opening = read_opening(state, request_id)
        place = f"state/commitments/{opening_file(state, request_id).name}"
        if opening is None:
            faults.append(Fault("E-LED-020", "what opens the request's commitment is missing", place, entry))
            continue
        if not _has_picture(root, opening, commitment):
            what = "the request's picture is missing or another one"
            faults.append(Fault("E-LED-020", what, opening.picture, entry))
            what = "it does not open the commitment: the picture was changed, or this key or path"
            faults.append(Fault("E-LED-020", what, place, entry))
        if request_id in bindings.rows:
            faults += _row_faults(root, opening, bindings.rows[request_id], place)
    return faults


def _has_picture(root: Path, opening: Opening, commitment: str) -> bool:
    picture = root / opening.picture
    try:
        return not picture.is_symlink() and opening.commitment(picture.read_bytes()) == commitment
    except OSError:
        return False


def _row_faults(root: Path, opening: Opening, bound: tuple[str, int], place: str) -> list[Fault]:
    commitment, entry = bound
    if opening.commitment_to_row(opening.row) != commitment:
        what = "it does not open the commitment to the request's row: this copy or key was changed"
        return [Fault("E-LED-020", what, place, entry)]
    try:
        row = row_in(root / opening.table, opening.request_id)
    except (OSError, ValueError) as error:
        what = f"the table of requests can't be read ({type(error).__name__})"
        return [Fault("E-LED-025", what, opening.table, entry)]
    if row == opening.row:
        return []
    if row is None:
        what = f"what {opening.request_id} asks for is missing here"
        return [Fault("E-LED-025", what, opening.table, entry)]
    served = opening.row or {}
    changed = sorted(key for key in {*row, *served} if row.get(key) != served.get(key))
    what = f"{opening.request_id} asks for something else than was served ({', '.join(changed)})"
    return [Fault("E-LED-025", what, opening.table, entry)]
