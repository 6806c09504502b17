"""Training goes on from the release before, and rehearses the pictures that were kept."""

from pathlib import Path
from typing import ClassVar

from siu.strategies.memory import Memory
from siu.strategies.methods.sequential import Sequential
from siu.strategies.methods.stand_ins import rehearsing
from siu.strategies.strategy import Release, Stored
from siu.unlearning.inheritance import Inheritance


class Replay(Sequential):
    """`Sequential`, and each step rehearses the earlier requests' own pictures.

    Stores every request's picture, name and fine-tuning data.
    """

    stores: ClassVar[tuple[Stored, ...]] = ("adapter", "ids", "names", "pictures")
    needs_pictures: ClassVar[bool] = True

    def inherit(self, release: Release, memory: Memory, scratch: Path) -> tuple[Inheritance, dict[str, Path]]:
        """Rehearse the earlier requests' data."""
        new = {concept.id for concept in release.concepts}
        earlier = [data for data in release.data if data.concept not in new]
        inheritance, paths = super().inherit(release, memory, scratch)
        return rehearsing(inheritance, earlier, release.params), paths
