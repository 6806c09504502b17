"""Named places at which a test makes this process fail: killed, interrupted, out of disk or memory.

What a crash leaves is only known where a crash was tried. Each place between two effects (a file written,
then renamed; an entry written, then a name changed) has a name here. `SIU_FAULT` arms one of them::

    SIU_FAULT="publish.renamed@2:sigkill:/tmp/struck"

The second pass of each process by that point counts, and the first process to reach it creates the file: a
fault strikes once, however often the run is started again. Several are separated by spaces. Without the
variable a point costs nothing to speak of.
"""

import errno
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from siu.storage.clock import set_back

VARIABLE = "SIU_FAULT"
POINTS = {
    "prepare.collection": "the collection is made, and not yet in its place",
    "requests.pictures": "pictures of new requests are copied, and their records not yet written",
    "requests.records": "records of new requests are written, and the ledger doesn't know of them",
    "append.write": "a line is about to be appended to a ledger or a file of records",
    "append.sync": "the line is written, and not yet on the disk",
    "replace.rename": "a small file is written beside, and not yet in its place",
    "publish.manifest": "a stage's work is done, and its output has no manifest",
    "publish.rename": "an output is whole in its staging folder",
    "publish.renamed": "an output is in its place, and nothing knows of it",
    "unlearn.step": "a training step begins",
    "deploy.copy": "the adapter is copied, and not yet in its place",
    "release.accepted": "the ledger says that a release is deployed, and no file names it",
    "report.copy": "a report is copied, and not yet in its place",
    "metrics.written": "metrics are written, and step losses are not",
    "mlflow.tables": "MLflow's tables are made beside, and not yet in their place",
    "mlflow.run": "a run is begun in MLflow, and says nothing yet",
    "dvc.commit": "DVC holds its lock, and has recorded nothing",
    "keys.public": "the ledger has a new key, and the public one is not beside it",
    "seal.listing": "the listing of all files is written, and no entry binds it",
    "seal.checkpoint": "the seal is in the ledger, and no checkpoint is signed",
}
"""Each point and how things stand there."""
SET_BACK = timedelta(hours=26)


def _out_of_memory() -> None:
    import torch

    raise torch.OutOfMemoryError("raised by a fault point")


def _fails(number: int) -> Callable[[], None]:
    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


def _signals(number: signal.Signals) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


KINDS: dict[str, Callable[[], None]] = {
    "sigkill": _signals(signal.SIGKILL),
    "sigterm": _signals(signal.SIGTERM),
    "sigint": _signals(signal.SIGINT),
    "enospc": _fails(errno.ENOSPC),
    "eio": _fails(errno.EIO),
    "erofs": _fails(errno.EROFS),
    "clock": lambda: set_back(SET_BACK),
    "memory": _out_of_memory,
}
"""What can happen there; ``clock`` sets the process's clock back by more than a day."""


@dataclass
class _Armed:
    """A fault that waits for its point."""

    point: str
    passes: int
    kind: str
    struck: Path
    seen: int = 0

    def arrive(self) -> None:
        """Count a pass, and strike if it is the one and nobody has struck yet."""
        self.seen += 1
        if self.seen < self.passes:
            return
        try:
            self.struck.touch(exist_ok=False)
        except FileExistsError:
            return
        KINDS[self.kind]()


def _read(setting: str) -> _Armed:
    place, _, action = setting.partition(":")
    kind, _, struck = action.partition(":")
    point, _, passes = place.partition("@")
    if point not in POINTS or kind not in KINDS or not struck:
        raise ValueError(f"{VARIABLE}={setting!r}: no point, kind and file of siu.storage.fault_points")
    return _Armed(point, int(passes or 1), kind, Path(struck))


def arm(setting: str) -> None:
    """Arm faults in this process, as the variable would have at its start; disarm all if empty.

    Raises:
        ValueError: It names no point, kind and file.
    """
    global _armed
    _armed = tuple(map(_read, setting.split()))
    set_back(timedelta())


def fault_point(name: str) -> None:
    """Do nothing, unless a test has armed this point."""
    for fault in _armed:
        if fault.point == name:
            fault.arrive()


_armed: tuple[_Armed, ...] = ()
arm(os.environ.get(VARIABLE, ""))
