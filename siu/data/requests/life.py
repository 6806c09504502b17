"""Where each request stands, as the ledger tells it, and until when it is to be answered."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from siu.audit.entry import Entry
from siu.audit.events import CERTIFIED, COMMITTED, CONSTRUCTED, PURGED, RECEIVED, WITHDRAWN
from siu.config.service import PolicyParams
from siu.data.requests.due import due_day

SILENT = ("skipped", "extended", COMMITTED, CERTIFIED)
"""Events that change no state; ``skipped`` is what earlier versions wrote when everything was there."""
LIFE_CYCLE = {
    RECEIVED: RECEIVED,
    "accepted": "accepted",
    "refused": "refused",
    "planned": "planned",
    CONSTRUCTED: "running",
    "unlearned": "running",
    "evaluated": "running",
    "attacked": "running",
    "quarantined": "quarantined",
    "deferred": "planned",
    WITHDRAWN: WITHDRAWN,
}
"""What a request is after an event; after any other one that has a verdict, it is that."""
CLOSED = ("erased", "not_known", "refused", WITHDRAWN)
"""States after which nobody waits for an answer."""
BRINGS_BACK = (COMMITTED, CONSTRUCTED)
"""Events after a purge that show that the request was put in again."""


@dataclass
class RequestState:
    """One request.

    Attributes:
        request_id: Its id.
        event: The last event that changed something.
        status: Where it stands in its life cycle.
        verdict: The last verdict, if any.
        assurance: How hard that was tested; None where an earlier version wrote none.
        code: Why it is in quarantine or refused; None elsewhere.
        since: When the event was written.
        received: The day it came in.
        due: The day it is due.
        is_extended: Whether that was put off.
        history: Its events in order, each with time and actor.
    """

    request_id: str
    event: str = ""
    status: str = ""
    verdict: str | None = None
    assurance: str | None = None
    code: str | None = None
    since: str = ""
    received: date = date.max
    due: date = date.max
    is_extended: bool = False
    history: list[dict[str, str]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits for an answer."""
        return self.status not in CLOSED

    def is_overdue(self, today: date) -> bool:
        """Return whether its day has passed while it is open."""
        return self.is_open and self.due < today

    def is_due_soon(self, today: date, days: int) -> bool:
        """Return whether it is open and its day is near, or has passed."""
        return self.is_open and (self.due - today).days <= days


def request_states(entries: Iterable[Entry], policy: PolicyParams) -> dict[str, RequestState]:
    """Return every request of the ledger in order of arrival."""
    states: dict[str, RequestState] = {}
    for entry in entries:
        if entry.request_id:
            state = states.setdefault(entry.request_id, RequestState(entry.request_id))
            _take(state, entry)
    for state in states.values():
        state.due = due_day(state.received, policy, is_extended=state.is_extended)
    return states


def purged_ids(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the requests that were purged and not put in again since."""
    purged: set[str] = set()
    for entry in entries:
        if entry.event == PURGED:
            purged.add(entry.request_id)
        elif entry.event in BRINGS_BACK:
            purged.discard(entry.request_id)
    return frozenset(purged)


def today() -> date:
    """Return the day that it is in UTC, which is the ledger's clock."""
    return datetime.now(UTC).date()


def _take(state: RequestState, entry: Entry) -> None:
    data: dict[str, Any] = entry.data
    if not state.history:
        state.received = date.fromisoformat(entry.time[:10])
    if entry.event == RECEIVED and data.get("received"):
        state.received = date.fromisoformat(data["received"])
    state.is_extended = state.is_extended or entry.event == "extended"
    details = {key: str(data[key]) for key in ("actor", "verdict", "code") if data.get(key)}
    state.history.append({"time": entry.time, "event": entry.event, **details})
    if entry.event in SILENT or state.status == WITHDRAWN:  # a stage may end after that
        return
    state.event, state.since, state.code = entry.event, entry.time, data.get("code")
    if "verdict" in data:
        state.verdict, state.assurance = data["verdict"], data.get("assurance")
    state.status = LIFE_CYCLE.get(entry.event) or str(data.get("verdict", state.status or entry.event))
