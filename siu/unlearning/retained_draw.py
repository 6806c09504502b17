"""Which retained samples a step trains on: some at random, some that were found most damaged when last seen.

There are several times as many retained samples as a step has room for. What an unlearning step damages is
found by chance only, so half of the room goes to what was found damaged: online hard example mining
(Shrivastava et al. 2016, arXiv 1604.03540), by the loss beyond the base model's (as Mindermann et al. 2022,
arXiv 2206.07137, by that beyond another model's). By the loss alone, what the base model never knew would
keep the room for good.

Samples about one picture share its prefix, so a picture can be drawn with several of them.
"""

import random
from collections.abc import Hashable, Mapping, Sequence
from itertools import chain


class RetainedDraw:
    """Draws of retained samples, step by step; equal damages and random numbers give equal draws.

    Args:
        pictures: The picture that each retained sample shows, if any.
        count: Samples of a step; all if there are no more.
        hard_share: Share of a step that goes to the samples of the highest last damage, and to the next ones
            about their pictures; a sample that no step had yet counts as easy, so that one place at least
            stays with chance.
        per_picture: Samples about a picture that are drawn together, as far as there are so many.
    """

    def __init__(
        self, pictures: Mapping[int, str | None], count: int, hard_share: float, per_picture: int
    ) -> None:
        self._groups: dict[int, Hashable] = {
            index: index if picture is None else picture for index, picture in pictures.items()
        }
        self._count = min(count, len(pictures))
        self._hard = max(0, min(int(hard_share * self._count), self._count - 1))
        self._per_picture = per_picture
        self._damages: dict[int, float] = {}

    @property
    def needs_damages(self) -> bool:
        """Whether damages change what is drawn."""
        return self._hard > 0

    def draw(self, rng: random.Random) -> list[int]:
        """Return one step's retained samples in ascending order."""
        hard = _first(self._together(self._ranking(rng)), self._hard)
        easy = sorted(self._groups.keys() - set(hard))
        by_chance = self._together(rng.sample(easy, len(easy)))
        rng.shuffle(by_chance)  # in the order of their first ones, pictures with many samples would lead
        return sorted([*hard, *_first(by_chance, self._count - len(hard))])

    def note(self, damages: Mapping[int, float]) -> None:
        """Keep the `damage` of samples; those that are not retained are passed over."""
        if not self.needs_damages:
            return
        self._damages |= {index: damage for index, damage in damages.items() if index in self._groups}

    def _ranking(self, rng: random.Random) -> list[int]:
        """Return what was seen, most damaged first; among equals (all, after one step) chance decides."""
        seen = sorted(self._damages)
        return sorted(rng.sample(seen, len(seen)), key=self._damages.__getitem__, reverse=True)

    def _together(self, order: Sequence[int]) -> list[list[int]]:
        """Divide samples into those that are drawn together, in the order of the first of each."""
        waiting: dict[Hashable, list[int]] = {}
        parts: list[list[int]] = []
        for index in order:
            part = waiting.get(self._groups[index])
            if part is None or len(part) == self._per_picture:
                part = waiting[self._groups[index]] = []
                parts.append(part)
            part.append(index)
        return parts


def _first(parts: Sequence[Sequence[int]], count: int) -> list[int]:
    return list(chain.from_iterable(parts))[:count]
