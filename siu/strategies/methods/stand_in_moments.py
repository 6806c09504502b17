"""Names alone are kept: stand-ins are rehearsed, and the adapter's change is held small on them."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from siu.strategies.memory import Memory
from siu.strategies.methods.stand_ins import StandIns
from siu.strategies.strategy import ADAPTER, Release
from siu.unlearning.inheritance import Inheritance
from siu.unlearning.moments import release_moments


class StandInMoments(StandIns):
    """`StandIns`, with a penalty on the adapter's change, weighed by second moments on the stand-ins.

    Stores names and substitutes; the moments are made of the stand-ins for each training.
    """

    weight: ClassVar[float] = 10.0

    def inherit(self, release: Release, memory: Memory, scratch: Path) -> tuple[Inheritance, dict[str, Path]]:
        """Hold the adapter on the stand-ins."""
        inheritance, paths = super().inherit(release, memory, scratch)
        if release.previous is None:
            return inheritance, paths
        adapter, params = release.previous / ADAPTER, release.params
        moments = release_moments(release.vlm, adapter, inheritance.rehearsed, paths, params)
        weight = self.weight * len(memory.concepts)
        return replace(inheritance, moments=moments, moments_weight=weight), paths
