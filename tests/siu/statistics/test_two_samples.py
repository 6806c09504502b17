"""The clustered Kolmogorov-Smirnov test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from siu.statistics.two_samples import clustered_ks

LEVEL = 0.05


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=2, max_size=12))
@settings(deadline=None, max_examples=40)
def test_the_statistic_is_the_ordinary_one(pairs: list[tuple[float, float]]) -> None:
    ours, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    statistic, p_value = clustered_ks(ours, theirs, range(len(pairs)))
    assert statistic == pytest.approx(ks_2samp(ours, theirs, method="asymp").statistic)
    assert 0 < p_value <= 1


def test_few_pictures_can_show_nothing_however_many_questions_they_are_asked() -> None:
    ours, theirs, pictures = [1.0] * 40, [0.0] * 40, [number % 4 for number in range(40)]
    assert clustered_ks(ours, theirs, pictures) == (1.0, pytest.approx(2 / 2**4))
    assert ks_2samp(ours, theirs).pvalue < 1e-10, "the ordinary test takes 40 questions for 40 observations"


def test_many_pictures_show_it() -> None:
    statistic, p_value = clustered_ks([1.0] * 20, [0.0] * 20, range(20))
    assert (statistic, p_value) == (1.0, pytest.approx(1e-4))


def test_equal_samples_are_not_told_apart_and_equal_calls_agree() -> None:
    values = list(np.random.default_rng(0).normal(size=30))
    pictures = [number // 2 for number in range(30)]
    assert clustered_ks(values, values, pictures) == (0.0, 1.0)
    others = values[::-1]
    assert clustered_ks(values, others, pictures) == clustered_ks(values, others, pictures)


def test_alike_models_are_told_apart_no_more_often_than_the_level_says() -> None:
    rng, clustered, ordinary = np.random.default_rng(1), 0, 0
    pictures = [number // 6 for number in range(60)]
    for _ in range(100):
        ours, theirs = (np.repeat(rng.normal(size=10), 6) + rng.normal(0, 0.1, 60) for _ in range(2))
        clustered += clustered_ks(list(ours), list(theirs), pictures)[1] <= LEVEL
        ordinary += ks_2samp(ours, theirs).pvalue <= LEVEL
    assert clustered <= 12
    assert ordinary >= 40, "questions about one picture are no independent observations"
