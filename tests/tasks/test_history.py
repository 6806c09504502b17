from pathlib import Path

import pytest

from siu.audit.ledger import Ledger
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
