"""Which samples about the concepts a step trains on: of every item a share, and they take turns.

The answers that a concept shall get are much alike: a step learns much from a share of them, and costs less.
In a joint release all concepts have a part in every step, and divide that share among them: a step costs as
much as one concept's, however many there are. Were each step about one concept, the steps until its next
would bring it back, as they keep what looks like it.
"""

import random
from collections import Counter
from collections.abc import Mapping


class ConceptDraw:
    """Draws of the samples about the concepts; of an item no sample comes twice before all came once.

    Args:
        items: What each sample asks (`Sample.item`).
        share: Share of one concept's samples of an item in a step, above 0; one sample at least.
        concepts: How many concepts the samples are about.
    """

    def __init__(self, items: Mapping[int, str], share: float, concepts: int = 1) -> None:
        self._share = share / concepts
        self._items: dict[str, list[int]] = {}
        for index, item in items.items():
            self._items.setdefault(item, []).append(index)
        self._turns: Counter[int] = Counter()

    def draw(self, rng: random.Random) -> list[int]:
        """Return one step's samples in ascending order."""
        drawn = [index for samples in self._items.values() for index in self._of_item(samples, rng)]
        self._turns.update(drawn)
        return sorted(drawn)

    def _of_item(self, samples: list[int], rng: random.Random) -> list[int]:
        count = max(1, round(self._share * len(samples)))
        if count == len(samples):
            return samples
        shuffled = rng.sample(samples, len(samples))
        return sorted(shuffled, key=self._turns.__getitem__)[:count]
