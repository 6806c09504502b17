"""What is rehearsed: equal shares of the concepts, and no sample twice before all came once."""

import random
from collections import Counter

from siu.unlearning.rehearsal_draw import RehearsalDraw

CONCEPTS = {**dict.fromkeys(range(10, 30), "a"), **dict.fromkeys(range(30, 34), "b")}


def test_concepts_have_equal_shares_however_many_samples_they_have():
    drawn = RehearsalDraw(CONCEPTS, 6).draw(random.Random(0))
    assert Counter(CONCEPTS[index] for index in drawn) == {"a": 3, "b": 3}


def test_no_sample_comes_twice_before_all_of_its_concept_came_once():
    draw, rng = RehearsalDraw(CONCEPTS, 8), random.Random(0)
    counts = Counter(index for _ in range(5) for index in draw.draw(rng))
    assert {counts[index] for index in range(10, 30)} == {1}
    assert {counts[index] for index in range(30, 34)} == {5}


def test_nothing_to_rehearse_draws_nothing_and_no_random_number():
    rng = random.Random(0)
    before = rng.getstate()
    assert RehearsalDraw({}, 8).draw(rng) == []
    assert rng.getstate() == before
