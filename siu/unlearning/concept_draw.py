"""Which samples about the concepts a step trains on: of every item a share, and they take turns.

The answers that a concept shall get are much alike: a step learns much from a share of them, and costs less.
In a joint release the concepts take turns too: as a release has steps for each of its members, one that
trained on all of them in every step would cost the square of their number. Some are harder to forget than
others, so every second turn goes to those whose answers had the highest loss when last trained on. Some can't
be learned at all (a name that the vocabulary spells in single bytes): no concept has more than twice the
turns of another, or one of them would starve all others.
"""

import random
from collections import Counter
from collections.abc import Hashable, Mapping
from statistics import fmean

MOST = 2
"""How many times the turns of the concept with the fewest any other may have."""


class ConceptDraw:
    """Draws of the samples about the concepts; of an item no sample comes twice before all came once.

    Args:
        items: What each sample asks (`Sample.item`).
        share: Share of an item's samples in a step, above 0; one sample at least.
        owners: Which concept each sample is about; needed where there are more concepts than ``concepts``.
        concepts: How many concepts a step trains on at most; of more, in turn those that had the fewest turns
            and those that are furthest from their answers (`note`).
    """

    def __init__(
        self,
        items: Mapping[int, str],
        share: float,
        owners: Mapping[int, int] | None = None,
        concepts: int | None = None,
    ) -> None:
        self._share = share
        everybody = sorted({owners[index] for index in items}) if owners else []
        takes_turns = concepts is not None and len(everybody) > concepts
        self._concepts, self._everybody = concepts or 0, everybody if takes_turns else []
        self._items: dict[tuple[int | None, Hashable], list[int]] = {}
        for index, item in items.items():
            owner = owners[index] if owners and takes_turns else None
            self._items.setdefault((owner, item), []).append(index)
        self._owners = {index: owners[index] for index in items} if owners and takes_turns else {}
        self._turns: Counter[int] = Counter()
        self._concept_turns: Counter[int] = Counter()
        self._losses: dict[int, dict[int, float]] = {}

    @property
    def needs_losses(self) -> bool:
        """Whether losses change what is drawn."""
        return bool(self._everybody)

    def note(self, losses: Mapping[int, float]) -> None:
        """Keep the loss of samples about the concepts; others are passed over."""
        for index in self._owners.keys() & losses.keys():
            self._losses.setdefault(self._owners[index], {})[index] = losses[index]

    def draw(self, rng: random.Random) -> list[int]:
        """Return one step's samples in ascending order."""
        chosen = self._chosen(rng)
        drawn = [
            index
            for (owner, _), samples in self._items.items()
            if owner is None or owner in chosen
            for index in self._of_item(samples, rng)
        ]
        self._turns.update(drawn)
        return sorted(drawn)

    def _chosen(self, rng: random.Random) -> set[int]:
        """Return the concepts whose turn it is; where all have a part in every step none, and no draw."""
        if not self._everybody:
            return set()
        shuffled = rng.sample(self._everybody, len(self._everybody))
        steps = self._concept_turns.total() // self._concepts
        if steps % 2 == 1 and len(self._losses) == len(self._everybody):
            most = MOST * (1 + min(self._concept_turns[concept] for concept in shuffled))
            order = sorted(
                shuffled, key=lambda concept: (self._concept_turns[concept] >= most, -self._loss(concept))
            )
        else:
            order = sorted(shuffled, key=self._concept_turns.__getitem__)
        chosen = order[: self._concepts]
        self._concept_turns.update(chosen)
        return set(chosen)

    def _loss(self, concept: int) -> float:
        """Return the mean of what the concept's samples lost when each was last trained on."""
        return fmean(self._losses[concept].values())

    def _of_item(self, samples: list[int], rng: random.Random) -> list[int]:
        count = max(1, round(self._share * len(samples)))
        if count == len(samples):
            return samples
        shuffled = rng.sample(samples, len(samples))
        return sorted(shuffled, key=self._turns.__getitem__)[:count]
