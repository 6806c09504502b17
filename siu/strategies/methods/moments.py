"""The adapter is held where the earlier concepts are, by second moments of its layers' inputs."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from siu.strategies.memory import Memory
from siu.strategies.methods.sequential import Sequential, new_data
from siu.strategies.strategy import ADAPTER, Release, Stored
from siu.unlearning.inheritance import Inheritance
from siu.unlearning.moments import release_moments, summed


class Moments(Sequential):
    """`Sequential`, with a penalty on the adapter's change, weighed by second moments of its layers' inputs.

    Stores, summed over all requests, the second moments of what the layers were given with their pictures.
    """

    stores: ClassVar[tuple[Stored, ...]] = ("adapter", "ids", "second moments")
    weight: ClassVar[float] = 10.0

    def inherit(self, release: Release, memory: Memory, scratch: Path) -> tuple[Inheritance, dict[str, Path]]:
        """Hold what the moments tell of."""
        inheritance, paths = super().inherit(release, memory, scratch)
        weight = self.weight * len(memory.concepts)
        return replace(inheritance, moments=memory.moments, moments_weight=weight), paths

    def remember(self, release: Release, memory: Memory) -> Memory:
        """Add the new requests' moments."""
        adapter = release.folder / ADAPTER
        moments = release_moments(release.vlm, adapter, new_data(release), release.paths, release.params)
        return replace(super().remember(release, memory), moments=summed(memory.moments, moments))
