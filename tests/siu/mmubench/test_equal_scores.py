"""The scores of fixed records, bit for bit: a change of the code that isn't one of a metric shows here.

``scores.json`` was written before the metrics had a registry. A metric that is meant to change is written
anew: ``python -m tests.siu.mmubench.test_equal_scores``.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from siu.attacks.from_records import attack_records
from siu.config.params import AttackParams
from siu.mmubench import scorecards
from tests.siu.mmubench.drawn_records import drawn_ratings, drawn_records

FILE = Path(__file__).with_name("scores.json")


def scores() -> dict[str, Any]:
    before, after = drawn_records(1), drawn_records(2)
    cards = scorecards(before, after, (drawn_ratings(before, 3), drawn_ratings(after, 4)))
    params = AttackParams()
    attacks = {
        "before": attack_records(before, params),
        "after": attack_records(after, params),
    }
    return dict(json.loads(json.dumps({**cards, "attacks": attacks})))


def without_intervals(of: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in of.items() if key != "intervals"}


def test_every_score_is_the_same_bit_for_bit() -> None:
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    assert without_intervals(scores()) == without_intervals(kept)


@pytest.mark.parametrize("state", ["before", "after"])
def test_every_interval_is_the_same(state: str) -> None:
    kept, now = json.loads(FILE.read_text(encoding="utf-8"))["intervals"][state], scores()["intervals"][state]
    assert now.keys() == kept.keys()
    for metric, ends in kept.items():
        assert (now[metric] is None) == (ends is None), metric
        if ends is not None:  # SciPy's quantiles may differ in the last bits between its versions
            assert now[metric] == pytest.approx(ends, rel=1e-12), metric


if __name__ == "__main__":
    FILE.write_text(
        json.dumps(scores(), indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )
