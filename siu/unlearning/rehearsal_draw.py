"""Which samples of earlier concepts a step rehearses: concepts have equal shares, samples take turns."""

import random
from collections import Counter
from collections.abc import Mapping


class RehearsalDraw:
    """Draws of the samples about concepts that were forgotten before.

    Args:
        concepts: Which concept each sample is about.
        count: Samples of a step, over all concepts; all if there are no more.
    """

    def __init__(self, concepts: Mapping[int, str], count: int) -> None:
        self._waiting: dict[str, list[int]] = {}
        self._samples: dict[str, list[int]] = {}
        for index, concept in concepts.items():
            self._samples.setdefault(concept, []).append(index)
        self._count = min(count, len(concepts))
        self._turns: Counter[str] = Counter()

    def draw(self, rng: random.Random) -> list[int]:
        """Return one step's samples in ascending order; none where nothing is rehearsed."""
        drawn: list[int] = []
        while len(drawn) < self._count:
            concept = min(self._samples, key=lambda name: (self._turns[name], name))
            self._turns[concept] += 1
            drawn.append(self._next(concept, rng))
        return sorted(set(drawn))

    def _next(self, concept: str, rng: random.Random) -> int:
        if not self._waiting.get(concept):
            samples = self._samples[concept]
            self._waiting[concept] = rng.sample(samples, len(samples))
        return self._waiting[concept].pop()
