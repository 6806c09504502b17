import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from siu.unlearning.retained_draw import RetainedDraw

INDICES = tuple(range(10, 30))


def noted(draw: RetainedDraw, losses: dict[int, float]) -> RetainedDraw:
    """Return the draw after each of these samples was answered with this loss at its one token."""
    chances = torch.tensor([-loss for loss in losses.values()]).exp()
    logits = torch.stack([chances, 1 - chances], dim=1).log()
    draw.note(list(losses), [1] * len(losses), logits, torch.zeros(len(losses), dtype=torch.long))
    return draw


@given(count=st.integers(1, 30), share=st.floats(0, 1), seed=st.integers(0, 99), seen=st.integers(0, 20))
def test_a_step_has_as_many_different_samples_as_asked_for_or_all(count, share, seed, seen):
    draw = noted(RetainedDraw(INDICES, count, share), {index: index / 10 for index in INDICES[:seen]})
    drawn = draw.draw(random.Random(seed))
    assert len(set(drawn)) == len(drawn) == min(count, len(INDICES))
    assert set(drawn) <= set(INDICES)
    assert drawn == sorted(drawn)


def test_half_of_a_step_goes_to_those_that_were_answered_worst():
    draw = noted(RetainedDraw(INDICES, 8, 0.5), {index: index / 10 for index in INDICES})
    for seed in range(5):
        assert {26, 27, 28, 29} <= set(draw.draw(random.Random(seed)))


def test_without_a_share_the_losses_change_nothing():
    plain = RetainedDraw(INDICES, 8, 0.0)
    marked = noted(RetainedDraw(INDICES, 8, 0.0), {index: index / 10 for index in INDICES})
    assert plain.draw(random.Random(1)) == marked.draw(random.Random(1))


def test_a_sample_that_was_answered_well_again_is_no_longer_hard():
    draw = noted(RetainedDraw(INDICES, 2, 0.5), dict.fromkeys(INDICES, 0.1) | {29: 3.0})
    assert all(29 in draw.draw(random.Random(seed)) for seed in range(20))
    noted(draw, {29: 0.01})
    assert not all(29 in draw.draw(random.Random(seed)) for seed in range(20))


def test_a_samples_loss_is_that_of_its_worst_answer_token():
    draw = RetainedDraw((1, 2, 3, 4, 5, 6), 2, 0.5)
    logits = torch.tensor([[4.0, 0.0], [0.0, 0.0], [0.5, 0.0]])
    draw.note([1, 2], [2, 1], logits, torch.tensor([0, 0, 0]))
    assert all(1 in draw.draw(random.Random(seed)) for seed in range(9))
    draw.note([2], [1], torch.tensor([[0.0, 1.0]]), torch.tensor([0]))
    assert all(2 in draw.draw(random.Random(seed)) for seed in range(9))


def test_chance_keeps_one_place_so_that_no_sample_is_left_out_for_ever():
    draw = noted(RetainedDraw(INDICES, 4, 1.0), dict.fromkeys(INDICES[:4], 5.0))
    drawn = [set(draw.draw(random.Random(seed))) for seed in range(60)]
    assert set().union(*drawn) == set(INDICES)


@pytest.mark.parametrize("index", [0, 99])
def test_samples_that_are_not_retained_are_passed_over(index):
    draw = noted(RetainedDraw(INDICES, 3, 1.0), {index: 9.0})
    assert index not in draw.draw(random.Random(0))
