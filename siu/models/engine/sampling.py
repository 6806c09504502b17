"""Sampled answers: what a model says when it isn't asked for its likeliest words."""

from collections.abc import Sequence

import torch

from siu.models.engine.batching import forwards
from siu.models.turns import EncodedTurn
from siu.models.vision_language_model import VisionLanguageModel


@torch.no_grad()
def sample(
    vlm: VisionLanguageModel,
    turns: Sequence[EncodedTurn],
    *,
    count: int,
    seed: int,
    max_new_tokens: int,
    batch_size: int,
    temperature: float = 1.0,
) -> list[list[str]]:
    """Return ``count`` independently drawn answers to each turn; equal seeds draw equal answers.

    Nothing is cut off the distribution (no top-k, no nucleus). Up to rounding answers don't depend on how
    rows are batched.

    Args:
        vlm: The model in the state to be asked.
        turns: Encoded turns without answers.
        count: Answers per turn.
        seed: Decides what is drawn.
        max_new_tokens: Longest answer.
        batch_size: Rows per batch.
        temperature: What logits are divided by; 1 is the model's own distribution.
    """
    rows = [turn for turn in turns for _ in range(count)]
    generator = torch.Generator().manual_seed(seed)
    uniforms = torch.rand(len(rows), max_new_tokens, generator=generator, dtype=torch.float64)
    answers: dict[int, str] = {}
    for forward, batches in forwards(vlm, rows, batch_size, passes=max_new_tokens):
        for batch in batches:
            drawn = forward.samples([rows[at] for at in batch], uniforms[batch].to(vlm.device), temperature)
            for at, ids in zip(batch, drawn, strict=True):
                answers[at] = str(vlm.tokenizer.decode(ids, skip_special_tokens=True)).strip()
    return [[answers[first + at] for at in range(count)] for first in range(0, len(rows), count)]
