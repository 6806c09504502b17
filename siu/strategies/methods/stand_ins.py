"""Names are kept instead of pictures: what the base model takes for an earlier concept is rehearsed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from siu.config.params import Params
from siu.finetuning_data import FinetuningData, build_rehearsal, make_composites, picture_paths
from siu.strategies.inversion import Inversion, invert
from siu.strategies.memory import EarlierConcept, Memory
from siu.strategies.methods.sequential import Sequential
from siu.strategies.strategy import Release, Stored
from siu.unlearning.inheritance import Inheritance

REHEARSED = 0.8
"""Rehearsed samples of a step, as a share of the retained ones (`unlearning.retained_per_step`)."""


def rehearsing(inheritance: Inheritance, data: Sequence[FinetuningData], params: Params) -> Inheritance:
    """Return what is taken over with some data to be rehearsed."""
    count = round(REHEARSED * params.unlearning.retained_per_step)
    return replace(inheritance, rehearsed=data, rehearsed_per_step=count)


class StandIns(Sequential):
    """`Sequential`, and each step rehearses pictures that the base model takes for the earlier concepts.

    Stores names and substitutes. The pictures are made of the name by the base model (`inversion`) for the
    training and are gone with it; the base model must be at hand, as for every release.
    """

    stores: ClassVar[tuple[Stored, ...]] = ("adapter", "ids", "names")
    inversion: ClassVar[Inversion] = Inversion()

    def inherit(self, release: Release, memory: Memory, scratch: Path) -> tuple[Inheritance, dict[str, Path]]:
        """Make the stand-ins and what is rehearsed about them."""
        inheritance, paths = super().inherit(release, memory, scratch)
        rehearsed, pictures = [], list[Path]()
        for earlier in memory.concepts:
            data, stand_ins = self.stand_in(release, earlier, scratch / earlier.id)
            rehearsed.append(data)
            pictures += stand_ins
        paths = paths | picture_paths(release.collection, *pictures)
        return rehearsing(inheritance, rehearsed, release.params), paths

    def stand_in(
        self, release: Release, earlier: EarlierConcept, folder: Path
    ) -> tuple[FinetuningData, list[Path]]:
        """Make pictures of one concept in a folder; return what is rehearsed about it, and them."""
        concept = earlier.concept(release.collection.concepts)
        placeholder = release.collection.path(release.collection.pictures[0])
        vlm, collection, params = release.vlm, release.collection, release.params
        pictures = invert(vlm, concept, placeholder, folder, self.inversion, seed=params.seed)
        composites = make_composites(collection, concept, pictures, folder, params)
        data = build_rehearsal(vlm, collection, concept, pictures, earlier.substitute, params, composites)
        return data, [*pictures, *(composite.path for composite in composites)]
