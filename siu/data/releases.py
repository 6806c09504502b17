"""The releases of a ledger: numbered, with their members' verdicts, and which one is deployed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from siu.audit.entry import Entry
from siu.data.verdict_names import worst_of

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


@dataclass(frozen=True)
class ReleaseRow:
    """One release as a page lists it.

    Attributes:
        number: Its number; None if an earlier version released it, which numbered none.
        plan: Plan digest of the joint adapter.
        since: When it was accepted last, else when it was measured first; UTC.
        requests: Ids of the requests in it.
        state: As of `Numbered`.
    """

    number: int | None
    plan: str
    since: str
    requests: tuple[str, ...]
    state: State

    @property
    def title(self) -> str:
        """What people call it: its number, else the plan's first digits."""
        return self.plan[:12] if self.number is None else str(self.number)


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


def deployed_of(numbered: dict[int, Numbered]) -> Numbered | None:
    """Return the release that is deployed, or None."""
    return next((release for release in numbered.values() if release.state == "deployed"), None)


def release_rows(entries: Sequence[Entry], deployed: str | None) -> list[ReleaseRow]:
    """Return every release of a ledger, the newest first.

    Args:
        entries: All entries.
        deployed: Plan of the release that ``latest.json`` names; it tells of releases without a number.
    """
    numbered = releases(entries)
    rows = [
        ReleaseRow(
            release.number,
            release.plan,
            release.accepted[-1]["time"] if release.accepted else release.measured,
            tuple(release.verdicts),
            release.state,
        )
        for release in numbered.values()
    ]
    known, plans = {release.plan for release in numbered.values()}, dict[str, list[Entry]]()
    for entry in entries:
        plan = entry.data.get("plan")
        if entry.event == "released" and isinstance(plan, str) and plan not in known:
            plans.setdefault(plan, []).append(entry)
    for plan, released in plans.items():
        members = tuple(dict.fromkeys(entry.request_id for entry in released if entry.request_id))
        state: State = "deployed" if plan == deployed else "replaced"
        rows.append(ReleaseRow(None, plan, released[-1].time, members, state))
    return sorted(rows, key=lambda row: row.since, reverse=True)


def member_history(numbered: dict[int, Numbered], request_id: str) -> list[dict[str, Any]]:
    """Return a request's verdict in each release that holds it, in the order of numbers."""
    return [
        {"release": number, "verdict": release.verdicts[request_id]}
        for number, release in sorted(numbered.items())
        if request_id in release.verdicts
    ]
