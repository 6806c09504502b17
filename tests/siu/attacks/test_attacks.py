import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.attacks.leak_rates import leak_by_probability, leak_by_samples
from siu.attacks.shares import Share, share_interval, worst_share
from siu.mmubench import Question, Record
from siu.mmubench.metrics.min_k import min_k_auc, min_k_score, min_k_two_sided
from siu.statistics.roc import roc_auc, two_sided

log_probs = st.lists(st.floats(-30, 0), min_size=1, max_size=20)


def record(purpose, scores, text="q", answer="", keywords=()):
    question = Question(purpose, text, "This is X.", keywords)
    return Record(question, answer, tuple(scores), (False,) * len(scores))


def by_id(*records):
    return {one.question.id: one for one in records}


def test_min_k_is_the_mean_of_the_least_likely_tokens():
    assert min_k_score([-1.0, -5.0, -0.1, -3.0, -0.2], 0.4) == pytest.approx(-4.0)


def test_min_k_reads_at_least_one_token():
    assert min_k_score([-2.0, -1.0], 0.1) == -2.0


@given(log_probs, st.floats(0.01, 1))
def test_min_k_lies_between_the_lowest_and_the_mean(scores, k):
    value = min_k_score(scores, k)
    assert min(scores) - 1e-9 <= value <= sum(scores) / len(scores) + 1e-9


@given(log_probs, log_probs)
def test_auc_of_swapped_sides_adds_up_to_one(left, right):
    assert roc_auc(left, right) + roc_auc(right, left) == pytest.approx(1.0)


@given(log_probs, log_probs)
def test_auc_is_blind_to_monotone_rescaling(left, right):
    left, right = [round(x, 3) for x in left], [round(x, 3) for x in right]
    doubled = roc_auc([2 * x - 1 for x in left], [2 * x - 1 for x in right])
    assert doubled == pytest.approx(roc_auc(left, right))


def test_members_that_stand_out_give_an_auc_of_one():
    records = by_id(
        record("name", [-0.1, -0.2], "a"),
        record("name", [-0.3, -0.1], "b"),
        record("stranger_as_concept", [-9.0, -4.0], "c"),
    )
    assert min_k_auc(records, 0.5) == 1.0


def test_members_that_stand_out_below_are_told_as_well():
    records = by_id(record("name", [-9.0], "a"), record("stranger_as_concept", [-0.1], "b"))
    assert min_k_auc(records, 0.4) == 0.0
    assert min_k_two_sided(records, 0.4) == 1.0
    assert min_k_two_sided({}, 0.4) is None


@given(st.floats(0, 1))
def test_a_two_sided_auc_is_blind_to_the_side(auc):
    assert two_sided(auc) == pytest.approx(two_sided(1 - auc))
    assert 0.5 <= two_sided(auc) <= 1


@given(st.integers(1, 7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_leak_at_k_is_the_share_of_draws_with_a_leak(drawn):
    samples, leaks, k = drawn
    draws = list(combinations([True] * leaks + [False] * (samples - leaks), k))
    assert leak_by_samples(leaks, samples, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@given(st.integers(0, 6), st.integers(1, 6))
def test_leak_at_k_of_samples_is_right_on_average(thirds, k):
    """The mean over all numbers of leaks, each with its binomial chance, is 1 - (1 - p)^k."""
    chance, samples = thirds / 6, 6
    mean = sum(
        math.comb(samples, leaks)
        * chance**leaks
        * (1 - chance) ** (samples - leaks)
        * leak_by_samples(leaks, samples, k)
        for leaks in range(samples + 1)
    )
    assert mean == pytest.approx(leak_by_probability(chance, k))


def test_more_answers_than_samples_have_no_estimate():
    with pytest.raises(ValueError, match="draw at least 9"):
        leak_by_samples(1, 8, 9)


def test_small_chances_are_not_rounded_away():
    assert leak_by_probability(1e-20, 100) == pytest.approx(1e-18)
    assert leak_by_probability(1.0 + 1e-12, 1) == 1.0


def test_intervals_are_exact_and_count_pictures():
    low, high = share_interval(0.0, 8)
    assert low == 0.0
    assert high == pytest.approx(0.369, abs=1e-3)
    assert share_interval(1.0, 8)[0] == pytest.approx(1 - high)
    asked = {"a": [Share("p1", 1.0), Share("p1", 0.0), Share("p2", 0.0)], "b": [Share("p1", 0.0)]}
    outcome = worst_share(0.0, asked)
    assert outcome.attacked == pytest.approx(1 / 3)
    assert outcome.interval == share_interval(1 / 3, 2), "two pictures, however often they were asked about"
    assert outcome.variants == {"a": pytest.approx(1 / 3), "b": 0.0}


def test_without_non_members_nothing_is_measured():
    assert min_k_auc(by_id(record("name", [-0.1])), 0.4) is None
