"""What a workspace no longer needs: outputs of plans that later ones have taken the place of.

Kept are the deployed and the waiting releases, the last few, those that a certificate is about, and the
newest outputs of every request, each with all that it was made of and all that was measured on it. What no
plan of a request leads to (studies, the answers about what must stay) is never touched.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from siu.audit.entry import Entry
from siu.audit.events import CERTIFIED
from siu.audit.ledger import Ledger
from siu.data.releases import MEASURED, Numbered, deployed_of, releases
from siu.storage.workspace import Workspace
from tasks.construct import CONSTRUCT
from tasks.deploy import SHORT
from tasks.derived import ancestors, derived_outputs, followers
from tasks.findings import FINDING
from tasks.purging.flow_runs import forget_texts
from tasks.purging.versions import copies_of, forget_copies, md5s_below
from tasks.seal import seal
from tasks.stages import EVENTS
from tasks.versioning.commit import commit

COLLECTED = "collected"


@dataclass(frozen=True)
class Leavings:
    """What may go.

    Attributes:
        outputs: Published outputs, by key.
        models: Copies of releases that are neither deployed nor waiting.
        reports: Folders of reports about such releases.
        size: Bytes of all of it, without DVC's copies.
    """

    outputs: dict[str, Path]
    models: tuple[Path, ...]
    reports: tuple[Path, ...]
    size: int

    @property
    def paths(self) -> list[Path]:
        """All of it, in the order in which it goes: what is found by something else goes before it."""
        return [*self.reports, *self.models, *reversed(self.outputs.values())]


def leavings(workspace: Workspace, keep: int) -> Leavings:
    """Return what may go; nothing is changed.

    Args:
        workspace: Where.
        keep: How many of the newest releases are kept, whatever became of them.
    """
    entries = Ledger(workspace.ledger).entries()
    there = derived_outputs(workspace.artifacts)
    plans, kept_releases = _plans(entries), _kept_releases(entries, keep)
    newest = set(_newest_plans(entries).values())
    of_trainings = followers(there, newest - _plans(entries, CONSTRUCT.event))
    needed = {key for key, output in there.items() if output.plan in newest}
    needed |= {key for key in of_trainings if there[key].stage == FINDING}
    needed |= followers(there, kept_releases)
    needed = ancestors(there, needed)
    gone = followers(there, plans - kept_releases - newest) - needed
    old = {plan for plan in _releases(entries) if f"release/{plan}" in gone}
    gone |= {
        key for key, output in there.items() if output.stage == "report" and _is_about(output.folder, old)
    }
    outputs = {key: there[key].folder for key in sorted(gone)}
    models = tuple(
        workspace.models / plan[:SHORT] for plan in sorted(old) if (workspace.models / plan[:SHORT]).is_dir()
    )
    reports = tuple(folder for folder in sorted(workspace.reports.glob("*")) if _is_about(folder, old))
    size = sum(_size(path) for path in (*outputs.values(), *models, *reports))
    return Leavings(outputs, models, reports, size)


def collect(workspace: Workspace, keep: int) -> Leavings:
    """Take away what is not needed, and say so in the ledger first; the caller holds the batch lock.

    One that is killed is ended by the same command. Prefect's events and logs go too; its runs stay.

    Raises:
        StateError: ``E-PRG-003`` Prefect's database is in use; all else is done.
    """
    going = leavings(workspace, keep)
    if going.paths:
        data = {"dropped": list(going.outputs), "releases": len(going.models), "bytes": going.size}
        copies = copies_of(workspace, md5s_below(going.paths))
        Ledger(workspace.ledger).append(COLLECTED, "", data)
        forget_copies(workspace, copies)
        for path in going.paths:
            shutil.rmtree(path)
        commit(workspace)
        seal(workspace)
    forget_texts(workspace)
    return going


def _plans(entries: Iterable[Entry], *events: str) -> set[str]:
    """Return the plans of all that was ever made for a request or as a release; of some events, if named."""
    events = events or (*EVENTS.values(), MEASURED)
    return {str(entry.data["plan"]) for entry in entries if entry.event in events and "plan" in entry.data}


def _newest_plans(entries: Iterable[Entry]) -> dict[tuple[str, str], str]:
    """Return the plan of each request's newest output of each stage."""
    made = set(EVENTS.values())
    return {
        (entry.event, entry.request_id): str(entry.data["plan"])
        for entry in entries
        if entry.event in made and "plan" in entry.data
    }


def _releases(entries: Iterable[Entry]) -> set[str]:
    return {release.plan for release in releases(entries).values()}


def _kept_releases(entries: Iterable[Entry], keep: int) -> set[str]:
    """Return the plans of the releases that stay."""
    numbered = releases(entries)
    deployed = deployed_of(numbered)
    newest = sorted(numbered)[-keep:] if keep else []
    certified = {str(entry.data.get("plan")) for entry in entries if entry.event == CERTIFIED}
    return certified | {
        release.plan
        for number, release in numbered.items()
        if number in newest or release is deployed or _may_be_accepted(release, deployed)
    }


def _may_be_accepted(release: Numbered, deployed: Numbered | None) -> bool:
    """Return whether a person is asked about a release: one that an accepted one is newer than is history."""
    return release.state == "waiting" and (deployed is None or release.number > deployed.number)


def _is_about(report: Path, plans: set[str]) -> bool:
    """Return whether a folder holds the report about one of these releases."""
    try:
        summary = json.loads((report / "summary.json").read_text(encoding="utf-8"))
        return bool(summary["release"]["plan"] in plans)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
