"""Exact bounds, against the binomial distribution itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from siu.statistics.exact import lower_bound, trials_needed, upper_bound


@pytest.mark.parametrize(
    ("successes", "trials", "bound"),
    [(20, 20, 0.861), (59, 59, 0.950), (58, 59, 0.922), (0, 5, 0.0), (0, 0, 0.0)],
)
def test_known_lower_bounds(successes: int, trials: int, bound: float) -> None:
    assert lower_bound(successes, trials) == pytest.approx(bound, abs=1e-3)


@given(st.integers(1, 80), st.data(), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_at_the_lower_bound_as_many_successes_are_as_rare_as_the_confidence_says(
    trials: int, data: st.DataObject, confidence: float
) -> None:
    successes = data.draw(st.integers(1, trials))
    share = lower_bound(successes, trials, confidence)
    assert binom.sf(successes - 1, trials, share) == pytest.approx(1 - confidence, rel=1e-6)


@given(st.integers(1, 80), st.data())
def test_bounds_lie_on_both_sides_and_mirror_each_other(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    assert lower_bound(successes, trials) <= successes / trials <= upper_bound(successes, trials)
    assert upper_bound(successes, trials) == pytest.approx(1 - lower_bound(trials - successes, trials))


@given(st.floats(0.01, 0.99))
def test_one_unit_less_than_needed_does_not_reach_the_gate(gate: float) -> None:
    needed = trials_needed(gate)
    assert lower_bound(needed, needed) >= gate - 1e-12
    assert needed <= 1 or lower_bound(needed - 1, needed - 1) < gate
