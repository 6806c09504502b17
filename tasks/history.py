"""The ledger as a batch writes it: what it says already is not said again, what it lacks is made up for."""

from collections.abc import Mapping, Sequence
from typing import Any

from siu.audit.entry import Entry
from siu.audit.ledger import Ledger

UNDONE_BY = {
    "quarantined": ("verdict", "released"),
    "verdict": ("quarantined", "planned"),
    "released": ("quarantined", "waiting"),
}
"""What an event puts an end to: a request in quarantine has no verdict; one with a verdict has left it."""


class History:
    """What the ledger says of each request, read once: nothing but the batch writes to it meanwhile.

    Args:
        ledger: Where every change of a request's state is written.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._last: dict[str, dict[str, dict[str, Any]]] = {}
        self.bound: dict[str, str] = {}
        """What binds each output: ``stage/plan`` to the digest of its manifest."""
        self._of_no_request: list[Entry] = []
        self._since: dict[tuple[str, str], str] = {}
        for entry in ledger.entries():
            self._remember(entry)

    def last(self, event: str, request_id: str) -> dict[str, Any] | None:
        """Return the data of a request's last entry of an event, while nothing has put an end to it."""
        return self._last.get(event, {}).get(request_id)

    def append(self, event: str, request_id: str, data: dict[str, Any]) -> None:
        """Write an entry; see `Ledger.append`."""
        self._remember(self._ledger.append(event, request_id, data))

    def append_all(self, event: str, data: Mapping[str, dict[str, Any]]) -> None:
        """Write an entry of an event for each of several requests, in one go.

        Args:
            event: What happened.
            data: The entry's data by the request's id.
        """
        self.append_together([(event, request_id, values) for request_id, values in data.items()])

    def append_together(self, events: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
        """Write entries of which none may be there without the others; see `Ledger.append_all`."""
        for entry in self._ledger.append_all(events):
            self._remember(entry)

    @property
    def of_no_request(self) -> tuple[Entry, ...]:
        """The entries that concern no single request, such as those of releases."""
        return tuple(self._of_no_request)

    def since(self, event: str, request_id: str) -> str | None:
        """Return when an event of a request was written down first; None if it never was."""
        return self._since.get((event, request_id))

    def note(self, event: str, request_id: str, data: dict[str, Any], *, is_new: bool) -> bool:
        """Write an entry of what is new or not yet in the ledger, and return whether it was written.

        Args:
            event: What happened.
            request_id: Whose request.
            data: Digests and words; the request's last such entry may have the same.
            is_new: Whether it happened just now; else a run that was killed, or one under other gates, may
                have left it out.
        """
        is_missing = is_new or self.last(event, request_id) != data
        if is_missing:
            self.append(event, request_id, data)
        return is_missing

    def _remember(self, entry: Entry) -> None:
        event, request_id, data = entry.event, entry.request_id, entry.data
        self.bound |= data.get("outputs", {})
        self._since.setdefault((event, request_id), entry.time)
        if not request_id:
            self._of_no_request.append(entry)
        for past in UNDONE_BY.get(event, ()):
            self._last.get(past, {}).pop(request_id, None)
        known = self._last.setdefault(event, {})
        if event == "released" and known and next(iter(known.values())).get("plan") != data.get("plan"):
            known.clear()  # one release takes the place of another, also for requests that it doesn't hold
        known[request_id] = data
