"""A new adapter is trained on the released model; the next release is the sum of both."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from siu.models import public_name
from siu.models.merged import merged_adapter
from siu.models.stacking import check_layers, stack_adapters
from siu.models.trained_parts import find_trained_parts
from siu.strategies.memory import Memory
from siu.strategies.methods.sequential import Sequential
from siu.strategies.strategy import ADAPTER, Release
from siu.unlearning import UnlearningResult


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
        weight = max(settings.anchor_weight, self.weight)
        with merged_adapter(vlm, before) as released:
            held = release.params.model_copy(
                update={"unlearning": settings.model_copy(update={"anchor_weight": weight})}
            )
            upper = replace(release, vlm=released, params=held, previous=None, folder=scratch)
            result = super().train_adapter(upper, memory, scratch)
        base, folder = public_name(release.params.base_model), release.folder / ADAPTER
        stack_adapters(before, scratch / ADAPTER, folder, base=base, digest=vlm.digest)
        return result
