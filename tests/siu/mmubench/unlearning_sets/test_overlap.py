"""Overlap of texts: values worked out by hand."""

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.mmubench.unlearning_sets.overlap import bleu, rouge_l, rouge_n

TEXTS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=6).map(" ".join)


def test_rouge_counts_what_two_texts_share():
    assert rouge_n("He lives in Oslo.", "in oslo", 1) == pytest.approx(2 * 2 / (4 + 2))
    assert rouge_n("He lives in Oslo.", "in oslo", 2) == pytest.approx(2 * 1 / (3 + 1))
    assert rouge_l("He lives in Oslo", "Oslo, he in") == pytest.approx(2 * 2 / (4 + 3))
    assert rouge_l("", "") == rouge_n("a", "a", 2) == 0.0


@given(TEXTS, TEXTS)
def test_rouge_l_is_the_longest_common_subsequence(reference, answer):
    wanted, given_words = reference.split(), answer.split()
    subsequences = {
        chosen for length in range(len(given_words) + 1) for chosen in combinations(given_words, length)
    }
    longest = max(
        (
            len(chosen)
            for length in range(len(wanted) + 1)
            for chosen in combinations(wanted, length)
            if chosen in subsequences
        ),
        default=0,
    )
    expected = 2 * longest / (len(wanted) + len(given_words)) if longest else 0.0
    assert rouge_l(reference, answer) == pytest.approx(expected)


def test_bleu_is_one_for_the_same_and_smooths_orders_without_a_match():
    assert bleu("a b c d", "a b c d") == pytest.approx(1.0)
    assert bleu("a b c d", "x y") == bleu("a", "") == 0.0
    shares = (2 / 2, 1 / 1, 0.1 / 1, 0.1 / 1)
    assert bleu("a b c d", "a b") == pytest.approx(math.exp(1 - 4 / 2) * math.prod(shares) ** 0.25)
