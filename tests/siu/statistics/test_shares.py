"""Shares over units that count unequally."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.statistics.exact import lower_bound
from siu.statistics.shares import equal_units, share_bound, share_interval


@given(st.integers(1, 40), st.floats(0.1, 9.0))
def test_units_of_one_weight_count_as_what_they_are(units: int, weight: float) -> None:
    assert equal_units([weight] * units) == pytest.approx(units)
    assert share_bound([weight] * units, [weight] * units) == pytest.approx(lower_bound(units, units))


@given(st.lists(st.floats(0.1, 9.0), min_size=1, max_size=30))
def test_unequal_units_are_worth_fewer_equal_ones(weights: list[float]) -> None:
    assert 1 - 1e-9 <= equal_units(weights) <= len(weights) + 1e-9


def test_one_unit_that_outweighs_all_others_is_nearly_alone() -> None:
    assert share_bound([100.0, 1.0, 1.0], [100.0, 1.0, 1.0]) == pytest.approx(0.05, abs=0.02)


def test_no_units_exclude_nothing() -> None:
    assert share_bound([], []) == 0.0
    assert share_bound([], [], side="upper") == 1.0
    assert share_interval([], []) is None
