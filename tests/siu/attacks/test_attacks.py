import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.attacks.min_k import min_k_auc, min_k_score
from siu.attacks.roc import roc_auc
from siu.mmubench import Question, Record

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


def test_without_non_members_nothing_is_measured():
    assert min_k_auc(by_id(record("name", [-0.1])), 0.4) is None
