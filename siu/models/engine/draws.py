"""Tokens drawn from a model's own distribution by given numbers.

What a row says depends on its own numbers alone, not on the rows beside it. Shapes: B rows, T longest answer,
V vocabulary.
"""

import torch
from torch import Tensor
from transformers import LogitsProcessor


def drawn_tokens(logits: Tensor, uniforms: Tensor, temperature: float) -> Tensor:
    """Return (B,) token ids, each drawn with its softmax probability (inverse transform sampling).

    Args:
        logits: (B, V).
        uniforms: (B,) numbers from 0 on and below 1.
        temperature: What logits are divided by; above 0.
    """
    rising = torch.softmax(logits.double() / temperature, dim=-1).cumsum(-1)
    marks = uniforms.to(rising)[:, None] * rising[:, -1:]
    tokens: Tensor = torch.searchsorted(rising, marks, right=True)[:, 0]
    return tokens.clamp(max=logits.shape[-1] - 1)


class DrawnTokens(LogitsProcessor):  # type: ignore[misc, no-untyped-call, unused-ignore]
    """The same within ``generate``: leaves each row the token that is drawn for it, and nothing beside.

    Args:
        uniforms: (B, T) numbers from 0 on and below 1, a column for each new token.
        temperature: What logits are divided by; above 0.
    """

    def __init__(self, uniforms: Tensor, temperature: float) -> None:
        self._columns = iter(uniforms.unbind(1))
        self._temperature = temperature

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Return (B, V) scores: 0 for the drawn token, −inf for all others."""
        tokens = drawn_tokens(scores, next(self._columns), self._temperature)
        alone = torch.full_like(scores, -torch.inf)
        return alone.scatter(1, tokens[:, None], 0.0)
