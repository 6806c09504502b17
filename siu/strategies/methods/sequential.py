"""The adapter of the release before is trained on, with the new requests' data alone."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from siu.finetuning_data import FinetuningData
from siu.strategies.memory import EarlierConcept, Memory
from siu.strategies.strategy import ADAPTER, MEMORY, Release, Stored, Strategy
from siu.unlearning import TrainingInput, UnlearningResult, unlearn
from siu.unlearning.inheritance import Inheritance


class Sequential(Strategy):
    """Training goes on from the adapter of the release before, on the new requests' data alone.

    Stores the opaque ids of what was forgotten, lest retained samples teach it back.
    """

    stores: ClassVar[tuple[Stored, ...]] = ("adapter", "ids")

    def train(self, release: Release) -> UnlearningResult:
        """Train on; the rank stays, so the adapter doesn't grow."""
        memory = Memory() if release.previous is None else Memory.load(release.previous / MEMORY, type(self))
        with TemporaryDirectory() as scratch:
            result = self.train_adapter(release, memory, Path(scratch))
        self.remember(release, memory).save(release.folder / MEMORY, type(self))
        return result

    def train_adapter(self, release: Release, memory: Memory, scratch: Path) -> UnlearningResult:
        """Train the release's adapter and save it.

        Args:
            release: What is to be trained.
            memory: What is stored.
            scratch: A folder that is gone when the training is done.
        """
        inheritance, paths = self.inherit(release, memory, scratch)
        return unlearn(
            TrainingInput(release.vlm, new_data(release), paths, release.params),
            release.folder / ADAPTER,
            steps=release.steps,
            on_step=release.on_step,
            inheritance=inheritance,
        )

    def inherit(self, release: Release, memory: Memory, scratch: Path) -> tuple[Inheritance, dict[str, Path]]:
        """Return what training takes over, and the picture files by digest.

        Args:
            release: What is to be trained.
            memory: What is stored.
            scratch: A folder for pictures that are gone when the training is done.
        """
        previous = None if release.previous is None else release.previous / ADAPTER
        return Inheritance(previous, memory.ids), release.paths

    def remember(self, release: Release, memory: Memory) -> Memory:
        """Return what is stored when the release is trained."""
        substitutes = {data.concept: data.substitute for data in new_data(release)}
        new = [EarlierConcept(concept.id, concept.kind) for concept in release.concepts]
        if "names" in self.stores:
            new = [
                EarlierConcept(
                    concept.id, concept.kind, (concept.name, *concept.aliases), substitutes[concept.id]
                )
                for concept in release.concepts
            ]
        return Memory((*memory.concepts, *new), memory.moments)


def new_data(release: Release) -> Sequence[FinetuningData]:
    """Return the data of the new requests alone."""
    new = {concept.id for concept in release.concepts}
    return [data for data in release.data if data.concept in new]
