"""The release that another one goes on from, brought to where the other one is to be made again.

It is taken as it is: its files are those that the ledger binds, and its plan digest goes into that of what is
made on it, so no other one can stand in for it.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from siu.audit.bindings import manifest_digest
from siu.audit.events import PURGED
from siu.audit.ledger import Ledger
from siu.data.releases import ACCEPTED, MEASURED, Numbered, releases
from siu.data.requests.life import purged_ids
from siu.errors import StateError
from siu.storage.workspace import Workspace
from tasks.deploy import MeasuredRelease, published_release
from tasks.release import RELEASE
from tasks.unlearn import ADAPTER


@dataclass(frozen=True)
class Predecessor:
    """A release that is here.

    Attributes:
        release: What the ledger says of it.
        folder: Its output, whose files were checked.
        purged: Those of its requests that were purged; what goes on from it forgets them all the same.
    """

    release: Numbered
    folder: Path
    purged: tuple[str, ...]

    def bring_to(self, fresh: Workspace) -> None:
        """Make it the deployed release of a workspace that has none."""
        plan = self.release.plan
        shutil.copytree(self.folder, fresh.artifacts / RELEASE.name / plan)
        shutil.copytree(self.folder / ADAPTER, MeasuredRelease(fresh, plan).folder)
        ledger = Ledger(fresh.ledger)
        bound = {f"{RELEASE.name}/{plan}": manifest_digest(self.folder)}
        members = [list(member) for member in self.release.members]
        measured = {"number": 1, "plan": plan, "parent": None, "members": members, "outputs": bound}
        ledger.append(MEASURED, "", measured)
        ledger.append(ACCEPTED, "", {"number": 1, "actor": "siu reproduce", "rule": "as before"})
        for request_id in self.purged:
            ledger.append(PURGED, request_id, {})


def predecessor(workspace: Workspace, plan: str) -> Predecessor:
    """Return a release of a workspace by its plan digest.

    Raises:
        StateError: ``E-CRT-008`` the release or the ledger isn't here; ``E-STO-003`` a file was changed.
        TamperedError: Its manifest is not the one that the ledger binds.
    """
    entries = Ledger(workspace.ledger).entries()
    release = next((known for known in releases(entries).values() if known.plan == plan), None)
    folder = workspace.artifacts / RELEASE.name / plan
    if release is None or not folder.is_dir():
        missing = folder if release else workspace.ledger
        what = f"the release goes on from {plan[:12]}, of which nothing is here"
        remedy = "Bring state/ledger.jsonl and artifacts/release from whoever runs the model"
        raise StateError("E-CRT-008", what, remedy, str(missing))
    purged = purged_ids(entries)
    carried = tuple(request_id for request_id in release.verdicts if request_id in purged)
    return Predecessor(release, published_release(workspace, plan), carried)
