"""Releases as a service keeps them: numbered, accepted by a rule or a person, taken back in one step.

The ledger tells all of it. What is decided about releases is in `tasks.acceptance`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from siu.audit.entry import Entry
from siu.audit.ledger import Ledger
from siu.errors import InputError
from siu.storage.workspace import Workspace
from siu.verdict.assess import ORDER

MEASURED, ACCEPTED, ROLLED_BACK = "release_measured", "release_accepted", "release_rolled_back"
CARRIED = "carried"
"""Assurance of a purged member: what was measured of it last, in an earlier release."""
State = Literal["waiting", "deployed", "replaced", "rolled_back"]
Member = tuple[str, str, str, tuple[str, ...]]
"""Request id, verdict, assurance (or `CARRIED`), and the metrics whose gates are not passed."""


@dataclass
class Numbered:
    """One release.

    Attributes:
        number: Counted from 1 in the order in which releases were first measured.
        plan: Plan digest of the joint adapter.
        parent: The release that was deployed when it was measured; None for the first.
        members: Its requests with what was measured last.
        measured: When it was measured first.
        state: ``waiting`` for a person, ``deployed``, ``replaced`` by a later one, or ``rolled_back``.
        accepted: Who accepted it when and by which rule, each time.
    """

    number: int
    plan: str
    parent: int | None
    members: tuple[Member, ...]
    measured: str
    state: State = "waiting"
    accepted: list[dict[str, str]] = field(default_factory=list)

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each member."""
        return {member[0]: member[1] for member in self.members}

    @property
    def strictest(self) -> str:
        """The worst verdict of a member."""
        return worst_of(self.verdicts.values())

    def to_json(self) -> dict[str, Any]:
        """Return it as a program reads it."""
        members = [
            {
                "request_id": request_id,
                "verdict": verdict,
                "assurance": assurance,
                "gates_not_passed": list(gates),
            }
            for request_id, verdict, assurance, gates in self.members
        ]
        return {
            "number": self.number,
            "state": self.state,
            "strictest": self.strictest,
            "parent": self.parent,
            "plan": self.plan,
            "measured": self.measured,
            "accepted": self.accepted,
            "members": members,
        }


def worst_of(verdicts: Iterable[str]) -> str:
    """Return the worst of verdicts; the best where there is none to compare."""
    return max((word for word in verdicts if word in ORDER), key=ORDER.index, default=ORDER[0])


def releases(entries: Iterable[Entry]) -> dict[int, Numbered]:
    """Return all releases that the ledger tells of, by number."""
    numbered: dict[int, Numbered] = {}
    for entry in entries:
        data = entry.data
        if entry.event == MEASURED:
            members = tuple(
                (request_id, word, how, tuple(gates)) for request_id, word, how, gates in data["members"]
            )
            known = numbered.get(data["number"])
            if known is None:
                numbered[data["number"]] = Numbered(
                    data["number"], data["plan"], data["parent"], members, entry.time
                )
            else:
                known.members = members
        elif entry.event == ACCEPTED:
            for release in numbered.values():
                release.state = "replaced" if release.state == "deployed" else release.state
            numbered[data["number"]].state = "deployed"
            acceptance = {"time": entry.time, "actor": data["actor"], "rule": data["rule"]}
            numbered[data["number"]].accepted.append(acceptance)
        elif entry.event == ROLLED_BACK:
            numbered[data["number"]].state = "rolled_back"
    return numbered


def all_releases(workspace: Workspace) -> dict[int, Numbered]:
    """Return the workspace's releases by number."""
    return releases(Ledger(workspace.ledger).entries())


def deployed_of(numbered: dict[int, Numbered]) -> Numbered | None:
    """Return the release that is deployed, or None."""
    return next((release for release in numbered.values() if release.state == "deployed"), None)


def release_of(workspace: Workspace, number: int) -> Numbered:
    """Return the release with a number.

    Raises:
        InputError: ``E-REL-010`` there is none.
    """
    numbered = all_releases(workspace)
    if number not in numbered:
        remedy = f"Use a number up to {len(numbered)}" if numbered else "Run `siu batch`"
        raise InputError("E-REL-010", f"there is no release {number}", remedy)
    return numbered[number]


def newest_waiting(workspace: Workspace) -> Numbered | None:
    """Return the release that waits for a person and is newer than the deployed one, or None."""
    numbered = all_releases(workspace)
    deployed = deployed_of(numbered)
    waiting = [release for release in numbered.values() if release.state == "waiting"]
    newest = max(waiting, key=lambda release: release.number, default=None)
    return newest if newest and newest.number > (deployed.number if deployed else 0) else None


def difference(first: Numbered, second: Numbered) -> dict[str, Any]:
    """Return what a second release has otherwise than a first one."""
    before, after = first.verdicts, second.verdicts
    changed = {
        request_id: [before[request_id], after[request_id]]
        for request_id in before
        if after.get(request_id, before[request_id]) != before[request_id]
    }
    return {
        "from": first.number,
        "to": second.number,
        "added": [request_id for request_id in after if request_id not in before],
        "left": [request_id for request_id in before if request_id not in after],
        "verdicts": changed,
        "strictest": [first.strictest, second.strictest],
    }


def member_history(numbered: dict[int, Numbered], request_id: str) -> list[dict[str, Any]]:
    """Return a request's verdict in each release that holds it, in the order of numbers."""
    return [
        {"release": number, "verdict": release.verdicts[request_id]}
        for number, release in sorted(numbered.items())
        if request_id in release.verdicts
    ]
