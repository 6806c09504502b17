"""A new adapter is trained on the released model; the next release is the sum of both."""

import random
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from siu.models import public_name
from siu.models.merged import merged_adapter
from siu.models.stacking import check_layers, stack_adapters
from siu.models.trained_parts import find_trained_parts
from siu.strategies.memory import Memory
from siu.strategies.methods.sequential import Sequential, new_data
from siu.strategies.strategy import ADAPTER, Release
from siu.unlearning import UnlearningResult
from siu.unlearning.chosen_samples import retained_samples
from siu.unlearning.inheritance import Inheritance
from siu.unlearning.moments import sample_moments

HELD_SAMPLES = 400
"""Retained samples of which second moments are taken: enough for a layer of some hundred inputs."""


class Stacked(Sequential):
    """A new adapter is trained on the released model, which is also its reference; the release is their sum.

    What must stay is held to the release before, not to the base model, which would bring the earlier
    concepts back. The new adapter is held where retained samples are, by the second moments of its layers'
    inputs, taken anew each time. Stores what `Sequential` stores. The rank grows with every release.
    """

    merges: ClassVar[bool] = True
    weight: ClassVar[float] = 30.0

    def train_adapter(self, release: Release, memory: Memory, scratch: Path) -> UnlearningResult:
        """Train on the released model, and save the sum.

        Raises:
            ModelError: ``E-MOD-025`` the release before adapts other layers; nothing was trained.
        """
        if release.previous is None:
            return super().train_adapter(release, memory, scratch)
        vlm, before, settings = release.vlm, release.previous / ADAPTER, release.params.unlearning
        parts = find_trained_parts(vlm.model, vlm.architecture, settings.lora, settings.projector)
        check_layers(before, parts)
        with merged_adapter(vlm, before) as released:
            upper = replace(release, vlm=released, previous=None, folder=scratch)
            result = super().train_adapter(upper, memory, scratch)
        base, folder = public_name(release.params.base_model), release.folder / ADAPTER
        stack_adapters(before, scratch / ADAPTER, folder, base=base, digest=vlm.digest)
        return result

    def inherit(self, release: Release, memory: Memory, scratch: Path) -> tuple[Inheritance, dict[str, Path]]:
        """Hold the new adapter by the moments of retained samples in the released model."""
        inheritance, paths = super().inherit(release, memory, scratch)
        if not memory.concepts:
            return inheritance, paths
        shown = [sample for sample in retained_samples(new_data(release), memory.ids) if sample.picture]
        chosen = random.Random(release.params.seed).sample(shown, min(HELD_SAMPLES, len(shown)))
        moments = sample_moments(release.vlm, chosen, paths, release.params)
        return replace(inheritance, moments=moments, moments_weight=self.weight), paths
