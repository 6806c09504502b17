from pathlib import Path

import pytest

from siu.audit.ledger import Ledger
from siu.errors import StateError
from tasks.history import History


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.jsonl")


def test_what_the_ledger_says_already_is_not_said_again(ledger: Ledger) -> None:
    assert History(ledger).note("verdict", "r-1", {"verdict": "erased"}, is_new=False)
    again = History(ledger)
    assert not again.note("verdict", "r-1", {"verdict": "erased"}, is_new=False)
    assert again.note("verdict", "r-1", {"verdict": "partial"}, is_new=False)
    assert again.note("verdict", "r-2", {"verdict": "partial"}, is_new=False)
    assert len(ledger.entries()) == 3


def test_what_is_new_is_always_said(ledger: Ledger) -> None:
    history = History(ledger)
    assert [history.note("unlearned", "r-1", {"plan": "p"}, is_new=True) for _ in range(2)] == [True, True]


def test_a_release_takes_the_place_of_another_one_that_holds_other_requests(ledger: Ledger) -> None:
    for request_id, plan in (("r-1", "p"), ("r-2", "p"), ("r-3", "q")):
        History(ledger).append("released", request_id, {"plan": plan})
    history = History(ledger)
    assert history.last("released", "r-1") is None
    assert all(history.note("released", one, {"plan": "p"}, is_new=False) for one in ("r-1", "r-2"))
    assert history.last("released", "r-3") is None


def test_quarantine_is_said_again_only_where_something_came_between(ledger: Ledger) -> None:
    reason, verdict = {"code": "E-IMG-001"}, {"verdict": "erased", "plan": "p"}

    def noted(event: str, data: dict[str, str]) -> bool:
        return History(ledger).note(event, "r-1", data, is_new=False)

    assert noted("verdict", verdict)
    assert noted("quarantined", reason)
    assert not noted("quarantined", reason)
    assert noted("verdict", verdict), "the same one as before, but it was in quarantine meanwhile"
    assert not noted("verdict", verdict)
    assert noted("quarantined", reason)
    assert noted("quarantined", {"code": "E-IMG-007"})


def test_entries_of_several_requests_are_written_in_one_go(ledger: Ledger) -> None:
    history = History(ledger)
    history.append_all("accepted", {"r-1": {"actor": "anna"}, "r-2": {"actor": "anna"}})
    history.append_all("accepted", {})
    first, second = ledger.entries()
    assert (first.request_id, second.request_id, second.previous) == ("r-1", "r-2", first.hash)
    assert history.since("accepted", "r-2") == second.time
    assert history.last("accepted", "r-1") == {"actor": "anna"}
    with pytest.raises(StateError, match="E-LED-007"):
        history.append_all("accepted", {"r-3": {}, "R 4": {}})
    assert len(ledger.entries()) == 2, "all of them or none"
    history.append("release_measured", "", {"number": 1})
    assert [entry.event for entry in History(ledger).of_no_request] == ["release_measured"]
