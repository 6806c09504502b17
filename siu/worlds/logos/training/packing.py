"""Several questions about one picture in one row: what comes before them is read once.

A row is a shared prefix (system prompt and image tokens) and segments after it. A token sees the prefix and
its own segment only, and positions begin anew after the prefix for each segment, so every segment gets the
same logits as if it stood alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from siu.worlds.logos.training.lessons import Item

IMAGE_TOKENS = 16
_FIRST_WEIGHT = 2.0
"""Loss weight of an answer's first token, which decides between naming, refusing, yes and no."""


@dataclass(frozen=True)
class Packed:
    """Rows of packed questions.

    Attributes:
        ids: [rows, length]; 0 where an image feature or padding stands.
        mask: True where a token is seen, [rows, 1, length, length].
        positions: [rows, length].
        targets: Flat indices of the positions that predict an answer token, [answer tokens].
        labels: The answer tokens, [answer tokens].
        weights: Loss weights, [answer tokens].
        lengths: Number of tokens of each answer, in the order of `labels`.
        images: Where the image features stand in each row: start and end.
    """

    ids: Tensor
    mask: Tensor
    positions: Tensor
    targets: Tensor
    labels: Tensor
    weights: Tensor
    lengths: tuple[int, ...]
    images: tuple[int, int]


class Packer:
    """Packs items into rows in a processor's chat format.

    Args:
        processor: With a chat template that puts the picture before the question.
    """

    def __init__(self, processor: Any) -> None:
        self._tokenizer = processor.tokenizer
        content = [{"type": "image"}, {"type": "text", "text": "QUESTION"}]
        request = [{"role": "user", "content": content}]
        reply = {"role": "assistant", "content": [{"type": "text", "text": "ANSWER"}]}
        prompt = processor.apply_chat_template(request, add_generation_prompt=True)
        full = processor.apply_chat_template([*request, reply])
        before, self._behind = prompt.split("<image>")
        self._end = full[len(prompt) :].replace("ANSWER", "").rstrip("\n")
        head = self._encoded(before)
        self._prefix = (*head, *[0] * IMAGE_TOKENS)
        self._images = (len(head), len(self._prefix))
        self._ids = cache(self._encoded)

    def pack(self, rows: Sequence[Sequence[Item]]) -> Packed:
        """Return rows of questions and answers, each row about one picture."""
        encoded = [
            [
                (self._ids(self._behind.replace("QUESTION", question)), self._ids(reply + self._end))
                for question, reply in row
            ]
            for row in rows
        ]
        start = len(self._prefix)
        length = start + max(sum(len(q) + len(a) for q, a in row) for row in encoded)
        ids = torch.zeros(len(rows), length, dtype=torch.long)
        segments = torch.full((len(rows), length), -1)
        positions = torch.zeros(len(rows), length, dtype=torch.long)
        targets: list[int] = []
        labels: list[int] = []
        weights: list[float] = []
        lengths: list[int] = []
        for index, row in enumerate(encoded):
            at = start
            ids[index, :at] = torch.tensor(self._prefix)
            segments[index, :at] = 0
            positions[index, :at] = torch.arange(at)
            for number, (prompt, reply) in enumerate(row, start=1):
                end = at + len(prompt) + len(reply)
                ids[index, at:end] = torch.tensor((*prompt, *reply))
                segments[index, at:end] = number
                positions[index, at:end] = torch.arange(start, start + end - at)
                first = index * length + at + len(prompt) - 1
                targets += range(first, first + len(reply))
                labels += reply
                lengths.append(len(reply))
                share = 1.0 / len(reply) ** 0.5  # a long answer shall not outweigh a name or a Yes
                weights += [share * _FIRST_WEIGHT, *[share] * (len(reply) - 1)]
                at = end
        return Packed(
            ids,
            _mask(segments),
            positions,
            torch.tensor(targets),
            torch.tensor(labels),
            torch.tensor(weights),
            tuple(lengths),
            self._images,
        )

    def _encoded(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer(text, add_special_tokens=False)["input_ids"])


def _mask(segments: Tensor) -> Tensor:
    """Return who is seen; padding (-1) sees itself, so that no row of the softmax is empty."""
    queries, keys = segments[:, :, None], segments[:, None, :]
    causal = torch.ones(segments.shape[1], segments.shape[1], dtype=torch.bool).tril()
    return (causal & ((keys == 0) | (queries == keys)))[:, None]
