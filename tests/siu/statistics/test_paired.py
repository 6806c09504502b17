"""The sign-flip test, against counting every pattern, and Holm's correction."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.statistics.paired import holm, sign_flip_p


def counted(differences: list[float]) -> float:
    own = abs(sum(differences)) - 1e-9
    signs = list(product((1, -1), repeat=len(differences)))
    sums = [abs(sum(s * d for s, d in zip(sign, differences, strict=True))) for sign in signs]
    return sum(one >= own for one in sums) / len(signs)


@pytest.mark.parametrize(
    "differences",
    [
        [0.1, 0.2, 0.3, 0.4],
        [0.1, -0.2, 0.3, 0.05, 0.02],
        [0.1] * 6,
        [0.0, 0.0, 0.3, 0.1, -0.2, 0.4, 0.1, 0.2],
    ],
)
def test_p_is_the_share_of_sign_patterns_that_differ_at_least_as_much(differences: list[float]) -> None:
    assert sign_flip_p(differences) == pytest.approx(counted(differences))


def test_four_concepts_can_show_nothing_at_5_percent_and_no_difference_has_p_1() -> None:
    assert sign_flip_p([0.5, 0.6, 0.7, 0.8]) == pytest.approx(0.125)
    assert sign_flip_p([0.0] * 8) == 1.0
    assert sign_flip_p([0.5]) is None


def test_equal_methods_are_told_apart_no_more_often_than_the_level_says() -> None:
    rng = np.random.default_rng(5)
    p_values = [sign_flip_p(list(rng.exponential(1, 6) - rng.exponential(1, 6))) or 0 for _ in range(200)]
    assert sum(p <= 0.05 for p in p_values) <= 18


def test_holm_is_the_hand_computed_one() -> None:
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03})
    assert found == {"a": pytest.approx(0.03), "b": pytest.approx(0.06), "c": pytest.approx(0.06)}
    assert holm({}) == {}


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_never_lowers_a_p_value_nor_changes_their_order(p_values: dict[str, float]) -> None:
    adjusted = holm(p_values)
    assert all(p_values[name] <= adjusted[name] <= 1 for name in p_values)
    ranked = sorted(p_values, key=lambda name: p_values[name])
    assert [adjusted[name] for name in ranked] == sorted(adjusted.values())
