"""Several questions about one picture in one row: the picture's tokens are read once.

A row is a shared prefix (system and image tokens) and segments after it. A token sees the prefix and its
own segment only, and positions begin anew after the prefix for each segment, so every segment gets the
same logits as if it stood alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from siu.worlds.drawn.training.architecture import IMAGE_TOKENS, image_token
from siu.worlds.drawn.training.items import Item

FIRST_WEIGHT = 3.0
"""Loss weight of an answer's first token, which decides between naming, refusing, yes and no."""


@dataclass(frozen=True)
class Packed:
    """Rows of packed questions.

    Attributes:
        ids: [rows, length].
        mask: Added to the attention scores, 0 where one is seen, [rows, 1, length, length].
        positions: [rows, length].
        targets: Flat indices of the positions that predict an answer token, [answer tokens].
        labels: The answer tokens, [answer tokens].
        weights: Loss weights, [answer tokens].
    """

    ids: Tensor
    mask: Tensor
    positions: Tensor
    targets: Tensor
    labels: Tensor
    weights: Tensor


class Packer:
    """Packs items into rows with a tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        image = image_token(tokenizer)
        self._image_prefix = (*self._ids(tokenizer, "USER: "), *[image] * IMAGE_TOKENS)
        self._cached_ids = cache(lambda text: self._ids(tokenizer, text))

    def pack(self, rows: Sequence[Sequence[Item]], *, with_picture: bool) -> Packed:
        """Return rows of questions and answers, each row about one picture or about none."""
        prefix = self._image_prefix if with_picture else ()
        start = "\n" if with_picture else "USER: "
        encoded = [
            [
                (self._cached_ids(f"{start}{question} ASSISTANT:"), self._cached_ids(f" {reply}</s>"))
                for question, reply in row
            ]
            for row in rows
        ]
        length = len(prefix) + max(sum(len(q) + len(a) for q, a in row) for row in encoded)
        ids = torch.zeros(len(rows), length, dtype=torch.long)
        segments = torch.full((len(rows), length), -1)
        positions = torch.zeros(len(rows), length, dtype=torch.long)
        targets: list[int] = []
        labels: list[int] = []
        weights: list[float] = []
        for index, row in enumerate(encoded):
            at = len(prefix)
            ids[index, :at] = torch.tensor(prefix, dtype=torch.long)
            segments[index, :at] = 0
            positions[index, :at] = torch.arange(at)
            for number, (prompt, reply) in enumerate(row, start=1):
                end = at + len(prompt) + len(reply)
                ids[index, at:end] = torch.tensor((*prompt, *reply))
                segments[index, at:end] = number
                positions[index, at:end] = torch.arange(len(prefix), len(prefix) + end - at)
                first = index * length + at + len(prompt) - 1
                targets += range(first, first + len(reply))
                labels += reply
                weights += [FIRST_WEIGHT, *[1.0] * (len(reply) - 1)]
                at = end
        return Packed(
            ids,
            _mask(segments),
            positions,
            torch.tensor(targets),
            torch.tensor(labels),
            torch.tensor(weights),
        )

    @staticmethod
    def _ids(tokenizer: PreTrainedTokenizerFast, text: str) -> tuple[int, ...]:
        return tuple(tokenizer(text, add_special_tokens=False)["input_ids"])


def _mask(segments: Tensor) -> Tensor:
    """Return 0 for who is seen; padding (-1) sees itself, so that no row of the softmax is empty."""
    queries, keys = segments[:, :, None], segments[:, None, :]
    causal = torch.ones(segments.shape[1], segments.shape[1], dtype=torch.bool).tril()
    seen = causal & ((keys == 0) | (queries == keys))
    return torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)[:, None]
