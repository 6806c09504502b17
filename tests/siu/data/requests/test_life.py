"""Where requests stand and when they are due, as the ledger tells it."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from siu.audit.ledger import Ledger
from siu.config.service import PolicyParams
from siu.data.requests.life import RequestState, purged_ids, request_states

POLICY = PolicyParams()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.jsonl")


def state(ledger: Ledger, *events: tuple[str, dict[str, Any]]) -> RequestState:
    ledger.append_all([(event, "r-1", data) for event, data in events])
    return request_states(ledger.entries(), POLICY)["r-1"]


RECEIVED = ("received", {"received": "2026-01-31"})


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([], "received"),
        ([("accepted", {})], "accepted"),
        ([("refused", {"code": "E-IMG-001"})], "refused"),
        ([("accepted", {}), ("planned", {})], "planned"),
        ([("planned", {}), ("unlearned", {"plan": "p"})], "running"),
        ([("verdict", {"verdict": "partial"})], "partial"),
        ([("verdict", {"verdict": "partial"}), ("released", {"verdict": "damaged"})], "damaged"),
        ([("quarantined", {"code": "E-IMG-001"})], "quarantined"),
        ([("accepted", {}), ("extended", {})], "accepted"),
        ([("verdict", {"verdict": "erased"}), ("withdrawn", {})], "withdrawn"),
        ([("planned", {}), ("withdrawn", {}), ("unlearned", {"plan": "p"})], "withdrawn"),
    ],
)
def test_the_last_event_tells_where_a_request_stands(
    ledger: Ledger, events: list[tuple[str, dict[str, Any]]], status: str
) -> None:
    assert state(ledger, RECEIVED, *events).status == status


def test_a_request_is_due_after_the_days_of_the_policy_and_later_if_it_was_extended(ledger: Ledger) -> None:
    assert state(ledger, RECEIVED).due == date(2026, 3, 2)
    assert state(ledger, ("extended", {})).due == date(2026, 5, 1)


def test_without_a_day_the_first_entry_counts(ledger: Ledger) -> None:
    found = state(ledger, ("received", {"received": None}))
    assert found.due - found.received == timedelta(POLICY.days)
    assert found.received.isoformat() == ledger.entries()[0].time[:10]


def test_only_what_somebody_waits_for_is_overdue(ledger: Ledger) -> None:
    found = state(ledger, RECEIVED)
    assert [found.is_overdue(found.due + timedelta(days)) for days in (0, 1)] == [False, True]
    assert [found.is_due_soon(found.due - timedelta(days), 7) for days in (8, 7, -1)] == [
        False,
        True,
        True,
    ]
    late = date(2030, 1, 1)
    for events, is_open in (
        (("verdict", {"verdict": "partial"}), True),
        (("verdict", {"verdict": "erased"}), False),
        (("withdrawn", {}), False),
    ):
        assert state(ledger, events).is_overdue(late) == is_open


def test_history_has_times_and_actors(ledger: Ledger) -> None:
    found = state(ledger, RECEIVED, ("accepted", {"actor": "anna"}))
    assert [event["event"] for event in found.history] == ["received", "accepted"]
    assert found.history[1]["actor"] == "anna"


def test_a_purged_request_that_was_put_in_again_is_not_purged(ledger: Ledger) -> None:
    ledger.append_all([("purged", "r-1", {}), ("purged", "r-2", {}), ("constructed", "r-2", {})])
    assert purged_ids(ledger.entries()) == {"r-1"}
    ledger.append("committed", "r-1", {})
    ledger.append("purged", "r-2", {})
    assert purged_ids(ledger.entries()) == {"r-2"}
