"""Means over concepts × seeds, against the textbook."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from siu.statistics.clusters import cluster_mean, cluster_means

DIFFERENCE = (-1.0, 1.0)


def concepts(count: int, seeds: int) -> list[str]:
    return [f"c-{index // seeds:02}" for index in range(count * seeds)]


def test_paired_differences_have_students_interval_over_the_concepts_means() -> None:
    values = np.random.default_rng(0).normal(0.05, 0.1, 24)
    found = cluster_mean(list(values), concepts(8, 3), DIFFERENCE, paired=True)
    wanted = ttest_1samp(values.reshape(8, 3).mean(axis=1), 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    assert (found.mean, found.runs, found.concepts) == (pytest.approx(values.mean()), 24, 8)


def test_seeds_of_one_concept_are_no_independent_observations() -> None:
    values = [0.9, 0.9, 0.9, 1.0, 1.0, 1.0, 0.8, 0.8, 0.8]
    thrice = cluster_mean(values, concepts(3, 3))
    once = cluster_mean(values[::3], concepts(3, 1))
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))
    thrice = cluster_mean(values, concepts(3, 3), None)
    once = cluster_mean(values[::3], concepts(3, 1), None)
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))


def test_shares_on_which_all_concepts_agree_have_exact_ends() -> None:
    found = cluster_mean([1.0] * 8, concepts(8, 1))
    assert (found.low, found.high) == pytest.approx((0.025 ** (1 / 8), 1.0))


def test_differences_on_which_all_concepts_agree_leave_room_for_unseen_ones() -> None:
    unseen = 1 - 0.025 ** (1 / 8)
    found = cluster_mean([0.0] * 8, concepts(8, 1), DIFFERENCE, paired=True)
    assert (found.low, found.high) == pytest.approx((-unseen, unseen))
    found = cluster_mean([0.5] * 8, concepts(8, 1), DIFFERENCE, paired=True)
    assert (found.low, found.high) == pytest.approx((0.5 - 1.5 * unseen, 0.5 + 0.5 * unseen))
    assert cluster_mean([2.0] * 8, concepts(8, 1), None).low is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12), st.booleans())
def test_an_interval_holds_the_mean_and_stays_within_its_limits(values: list[float], paired: bool) -> None:
    found = cluster_mean(values, concepts(len(values), 1), paired=paired)
    assert found.low is not None
    assert found.high is not None
    assert found.mean is not None
    assert 0.0 <= found.low <= found.mean + 1e-9
    assert found.mean - 1e-9 <= found.high <= 1.0


def test_the_order_of_the_runs_does_not_matter() -> None:
    values, clusters = [0.1, 0.3, 0.2, 0.9], list("abcd")
    assert cluster_mean(values, clusters) == cluster_mean(values[::-1], clusters[::-1])


def test_one_concept_has_no_interval_and_none_has_no_mean() -> None:
    assert cluster_mean([0.2, 0.4], ["a", "a"]).low is None
    assert cluster_mean([0.2, 0.4], ["a", "a"], DIFFERENCE, paired=True).low is None
    assert cluster_mean([0.2, 0.4], ["a", "a"]).mean == pytest.approx(0.3)
    assert cluster_mean([], []).mean is None


def test_a_mean_shows_its_spread() -> None:
    found = cluster_mean([0.0, 1.0, 0.5], list("abc"))
    assert (found.least, found.most) == (0.0, 1.0)
    assert cluster_means([0.0, 1.0, 0.5], list("aab")) == [0.5, 0.5]
