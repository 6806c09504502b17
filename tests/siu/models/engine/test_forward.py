"""The plain path against the model called in the most obvious way, one row at a time."""

from dataclasses import replace

import torch

from siu.data.images import load_image
from siu.models import Turn, generate, token_log_probs
from siu.models.architectures import ARCHITECTURES

QUESTIONS = ("Who is this?", "What is the name of this person, if I may ask?", "Who?")


def slow_log_probs(vlm, turn, picture):
    ids = torch.tensor([[*turn.prompt_ids, *turn.answer_ids]])
    pixels = {}
    if picture is not None:
        pixels = dict(vlm.processor.image_processor(images=[load_image(picture)], return_tensors="pt"))
    with torch.no_grad():
        log_probs = vlm.model(input_ids=ids, **pixels).logits[0].log_softmax(-1)
    first = len(turn.prompt_ids)
    return [log_probs[first + i - 1, token].item() for i, token in enumerate(turn.answer_ids)]


def test_scores_in_batches_with_cached_features_equal_single_rows_with_pixels(vlm, encoder, pictures):
    shown = [*pictures[:3], None]
    turns = [
        encoder.encode(Turn(text, "This is Ann Lee.", picture)) for picture in shown for text in QUESTIONS
    ]
    fast = token_log_probs(vlm, turns, batch_size=5)
    for turn, scores in zip(turns, fast, strict=True):
        slow = slow_log_probs(vlm, turn, turn.picture)
        torch.testing.assert_close(torch.tensor(scores), torch.tensor(slow), rtol=1e-4, atol=1e-4)


def test_answers_in_batches_equal_answers_one_by_one(vlm, encoder, pictures):
    turns = [encoder.encode(Turn(text, picture=one)) for one in (*pictures[:6], None) for text in QUESTIONS]
    together = generate(vlm, turns, max_new_tokens=16, batch_size=64)
    alone = [generate(vlm, [turn], max_new_tokens=16, batch_size=1)[0] for turn in turns]
    assert together == alone


def test_cached_features_give_the_answers_that_pixels_give(vlm, encoder, pictures, monkeypatch):
    turns = [encoder.encode(Turn(text, picture=one)) for one in pictures[:4] for text in QUESTIONS]
    cached = generate(vlm, turns, max_new_tokens=16, batch_size=8)
    monkeypatch.setitem(ARCHITECTURES, "llava", replace(ARCHITECTURES["llava"], cacheable=False))
    assert not vlm.features.supported
    assert generate(vlm, turns, max_new_tokens=16, batch_size=8) == cached
