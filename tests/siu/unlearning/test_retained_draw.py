import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siu.unlearning.retained_draw import RetainedDraw

INDICES = tuple(range(10, 30))
TEXTS = dict.fromkeys(INDICES)
IN_FOURS = {index: f"picture {index // 4}" for index in range(12, 52)}


def noted(draw: RetainedDraw, damages: dict[int, float]) -> RetainedDraw:
    """Return the draw after these samples were found so damaged."""
    draw.note(damages)
    return draw


@given(
    count=st.integers(1, 50),
    share=st.floats(0, 1),
    seed=st.integers(0, 99),
    seen=st.integers(0, 40),
    per_picture=st.integers(1, 6),
)
def test_a_step_has_as_many_different_samples_as_asked_for_or_all(count, share, seed, seen, per_picture):
    draw = RetainedDraw(IN_FOURS, count, share, per_picture)
    noted(draw, {index: index / 10 for index in list(IN_FOURS)[:seen]})
    drawn = draw.draw(random.Random(seed))
    assert len(set(drawn)) == len(drawn) == min(count, len(IN_FOURS))
    assert set(drawn) <= set(IN_FOURS)
    assert drawn == sorted(drawn)


def test_half_of_a_step_goes_to_those_that_were_damaged_most():
    draw = noted(RetainedDraw(TEXTS, 8, 0.5, 1), {index: index / 10 for index in INDICES})
    for seed in range(5):
        assert {26, 27, 28, 29} <= set(draw.draw(random.Random(seed)))


def test_without_a_share_the_damages_change_nothing():
    plain = RetainedDraw(TEXTS, 8, 0.0, 1)
    marked = noted(RetainedDraw(TEXTS, 8, 0.0, 1), {index: index / 10 for index in INDICES})
    assert plain.draw(random.Random(1)) == marked.draw(random.Random(1))


def test_a_sample_that_is_answered_as_before_again_is_no_longer_hard():
    draw = noted(RetainedDraw(TEXTS, 2, 0.5, 1), dict.fromkeys(INDICES, 0.1) | {29: 3.0})
    assert all(29 in draw.draw(random.Random(seed)) for seed in range(20))
    noted(draw, {29: 0.0})
    assert not all(29 in draw.draw(random.Random(seed)) for seed in range(20))


def test_among_equally_damaged_samples_chance_decides():
    draw = noted(RetainedDraw(TEXTS, 4, 0.5, 1), dict.fromkeys(INDICES[:10], 0.0))
    drawn = [draw.draw(random.Random(seed)) for seed in range(40)]
    assert all(sum(index in INDICES[:10] for index in one) >= 2 for one in drawn)
    assert set(INDICES[:10]) <= set().union(*drawn)


def test_chance_keeps_one_place_so_that_no_sample_is_left_out_for_ever():
    draw = noted(RetainedDraw(TEXTS, 4, 1.0, 1), dict.fromkeys(INDICES[:4], 5.0))
    drawn = [set(draw.draw(random.Random(seed))) for seed in range(300)]
    assert set().union(*drawn) == set(INDICES)


@pytest.mark.parametrize("index", [0, 99])
def test_samples_that_are_not_retained_are_passed_over(index):
    draw = noted(RetainedDraw(TEXTS, 3, 1.0, 1), {index: 9.0})
    assert index not in draw.draw(random.Random(0))


def test_a_picture_is_drawn_with_several_samples():
    draw = RetainedDraw(IN_FOURS, 12, 0.0, 2)
    for seed in range(20):
        pictures = Counter(IN_FOURS[index] for index in draw.draw(random.Random(seed)))
        assert set(pictures.values()) <= {2, 4}


def test_chance_prefers_neither_texts_nor_pictures_with_many_samples():
    ones = {index: f"one {index}" for index in range(100, 120)}
    many = {index: f"many {index // 10}" for index in range(200, 240)}
    draw, rng = RetainedDraw(TEXTS | ones | many, 20, 0.0, 2), random.Random(0)
    drawn = Counter(index for _ in range(2000) for index in draw.draw(rng))
    for group in (TEXTS, ones, many):
        assert sum(drawn[index] for index in group) / len(group) == pytest.approx(500, rel=0.03)


def test_texts_have_no_picture_to_share():
    draw = RetainedDraw(TEXTS, 3, 0.0, 3)
    drawn = {tuple(draw.draw(random.Random(seed))) for seed in range(200)}
    assert any(high - low > 2 for low, _, high in drawn)
    assert set().union(*drawn) == set(INDICES)


def test_a_hard_sample_brings_the_hardest_other_one_about_its_picture():
    losses = dict.fromkeys(IN_FOURS, 0.1) | {12: 3.0, 14: 0.5, 20: 2.0, 23: 0.4, 30: 1.0}
    draw = noted(RetainedDraw(IN_FOURS, 8, 0.5, 2), losses)
    for seed in range(5):
        assert {12, 14, 20, 23} <= set(draw.draw(random.Random(seed)))
