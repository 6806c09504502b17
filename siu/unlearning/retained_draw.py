"""Which retained samples a step trains on: some at random, some that were answered worst when last seen.

There are several times as many retained samples as a step has room for. What an unlearning step damages is
found by chance only, so half of the room goes to what was found damaged: online hard example mining
(Shrivastava et al. 2016, arXiv 1604.03540).
"""

import random
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


class RetainedDraw:
    """Draws of retained samples, step by step; equal losses and random numbers give equal draws.

    Args:
        indices: The retained samples.
        count: Samples of a step; all if there are no more.
        hard_share: Share of a step that goes to the samples of the highest last loss; a sample that no step
            had yet counts as easy, so that one place at least stays with chance.
    """

    def __init__(self, indices: Sequence[int], count: int, hard_share: float) -> None:
        self._indices = tuple(indices)
        self._count = min(count, len(indices))
        self._hard = max(0, min(int(hard_share * self._count), self._count - 1))
        self._known = frozenset(indices)
        self._losses: dict[int, float] = {}

    def draw(self, rng: random.Random) -> list[int]:
        """Return one step's retained samples in ascending order."""
        hard = sorted(self._losses, key=lambda index: (-self._losses[index], index))[: self._hard]
        others = sorted(set(self._indices) - set(hard))
        return sorted([*hard, *rng.sample(others, self._count - len(hard))])

    def note(self, indices: Sequence[int], lengths: Sequence[int], logits: Tensor, labels: Tensor) -> None:
        """Keep how well samples were answered: the cross-entropy of each one's worst answer token.

        Args:
            indices: Samples, retained or not; those that are not are passed over.
            lengths: Answer tokens of each.
            logits: (N, V) of all their answer tokens, one sample behind the other.
            labels: (N,) token ids.
        """
        if not self._hard or self._known.isdisjoint(indices):
            return
        losses = F.cross_entropy(logits.detach().float(), labels, reduction="none")
        worst = torch.stack([one.max() for one in losses.split(list(lengths))]).tolist()
        found = zip(indices, worst, strict=True)
        self._losses |= {index: loss for index, loss in found if index in self._known}
