"""Sampled answers follow the model's own likelihoods, and equal seeds give equal answers."""

import math
from collections import Counter

import pytest
import torch

from siu.models import Turn
from siu.models.engine.draws import drawn_tokens
from siu.models.engine.forward import answer_logits
from siu.models.engine.sampling import sample

QUESTION = "Who is this?"
LONGEST = 16


def drawn(vlm, encoder, pictures, count, **changes):
    turns = [encoder.encode(Turn(QUESTION, picture=picture)) for picture in pictures]
    settings = {"seed": 0, "max_new_tokens": LONGEST, "batch_size": 64, **changes}
    return sample(vlm, turns, count=count, **settings)


def test_tokens_are_drawn_as_often_as_they_are_likely():
    probabilities = torch.tensor([0.5, 0.0, 0.3, 0.2])
    uniforms = (torch.arange(1000) + 0.5) / 1000
    tokens = drawn_tokens(probabilities.log().expand(1000, -1), uniforms, 1.0)
    assert Counter(tokens.tolist()) == {0: 500, 2: 300, 3: 200}


def test_a_low_temperature_draws_the_likeliest_token():
    logits = torch.tensor([[1.0, 2.0, 1.5]])
    for uniform in (0.0, 0.5, 0.999999):
        assert drawn_tokens(logits, torch.tensor([uniform]), 1e-3).tolist() == [1]


def test_answers_come_as_often_as_their_likelihood_says(vlm, encoder, picture):
    """Each answer's count lies within four standard deviations of what its likelihood predicts."""
    count, temperature = 1000, 2.0
    (answers,) = drawn(vlm, encoder, [picture], count, temperature=temperature, batch_size=500)
    # rare answers are left out: some are cut off, or spelt with other tokens than the tokenizer's
    for text, times in Counter(answers).most_common(2):
        assert times > 50, "there is something to compare"
        turn = encoder.encode(Turn(QUESTION, text, picture))
        with torch.no_grad():
            scores = (answer_logits(vlm, [turn]) / temperature).log_softmax(-1)
        expected = math.exp(scores.gather(1, torch.tensor(turn.answer_ids)[:, None]).sum())
        deviation = math.sqrt(expected * (1 - expected) / count)
        assert answers.count(text) / count == pytest.approx(expected, abs=4 * deviation)


def test_equal_seeds_draw_equal_answers_however_rows_are_batched(vlm, encoder, pictures):
    first = drawn(vlm, encoder, pictures[:3], 6)
    assert drawn(vlm, encoder, pictures[:3], 6) == first
    assert drawn(vlm, encoder, pictures[:3], 6, batch_size=5) == first
    hot = {"temperature": 3.0}
    assert drawn(vlm, encoder, pictures[:3], 6, seed=1, **hot) != drawn(vlm, encoder, pictures[:3], 6, **hot)


def test_whole_rows_draw_what_shared_prefixes_draw(vlm, encoder, pictures):
    shared = drawn(vlm, encoder, pictures[:2], 4)
    known, vlm.prefixes_shared = vlm.prefixes_shared, False
    try:
        assert drawn(vlm, encoder, pictures[:2], 4) == shared
    finally:
        vlm.prefixes_shared = known
