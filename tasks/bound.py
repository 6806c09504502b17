"""Outputs that are found, held against the ledger before anything is made of them."""

from pathlib import Path
from threading import Lock

from siu.audit.bindings import Bindings, changed_output, manifest_digest
from siu.audit.ledger import Ledger
from siu.errors import StateError
from siu.storage.workspace import Workspace
from tasks.job import Job
from tasks.stage import Output

_lock = Lock()
_read: dict[Path, tuple[Ledger, Bindings]] = {}
"""What this process has read of each ledger: only new lines are read again."""


def refuse_changed_output(job: Job, found: Output) -> None:
    """Refuse a found output whose files or manifest are not those that were made.

    Raises:
        StateError: ``E-STO-003`` a file of it was changed, ``E-LED-022`` so was its manifest.
    """
    job.store.at(found.stage, found.digest, verify=True)
    output = f"{found.stage}/{found.digest}"
    bound = _bindings(job.workspace).outputs.get(output)
    if bound is not None and bound[0] != manifest_digest(found.folder):
        raise changed_output(output)


def _bindings(workspace: Workspace) -> Bindings:
    with _lock:
        try:
            return _updated(workspace.ledger)
        except StateError:  # another ledger has taken its place: read as a whole, it may be sound
            _read.pop(workspace.ledger, None)
            return _updated(workspace.ledger)


def _updated(path: Path) -> Bindings:
    ledger, bindings = _read.setdefault(path, (Ledger(path), Bindings()))
    for entry in ledger.new_entries():
        bindings.add(entry)
    return bindings
