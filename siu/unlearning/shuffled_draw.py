"""Plain batches: the samples in a shuffled order, over and over, as common trainers take them."""

import random
from collections.abc import Iterable


class ShuffledDraw:
    """Draws batches from one epoch after another; each epoch has every sample once, in an order of its own.

    Where an epoch ends within a batch, the next one goes on; no batch has a sample twice.

    Args:
        indices: The samples.
        count: Samples of a batch; all if there are no more.
    """

    def __init__(self, indices: Iterable[int], count: int) -> None:
        self._indices = sorted(indices)
        self._count = min(count, len(self._indices))
        self._waiting: list[int] = []

    def draw(self, rng: random.Random) -> list[int]:
        """Return the next batch in ascending order."""
        batch, self._waiting = self._waiting[: self._count], self._waiting[self._count :]
        if len(batch) < self._count:
            order = rng.sample(self._indices, len(self._indices))
            fresh = [index for index in order if index not in batch]
            missing = self._count - len(batch)
            self._waiting = [*fresh[missing:], *(index for index in order if index in batch)]
            batch += fresh[:missing]
        return sorted(batch)
