"""Merging: another adapter added to the released one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any, ClassVar

import torch
from peft.tuners.lora.layer import LoraLayer
from pydantic import Field
from torch import Tensor

from siu.attacks.attack import Attack, Family
from siu.attacks.fine_tuning import fine_tune, lessons_about_others
from siu.attacks.levels import at_levels
from siu.attacks.observation import UNMEASURED, Control, Observation
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count, Positive, Rate
from siu.models import EncodedTurn, VisionLanguageModel
from siu.models.merged import AdapterStrength, kept_weights


class Merging(Attack):
    """Added task vectors (Ilharco et al. 2023, arXiv 2212.04089): another adapter on top of the released one.

    The other one was trained on the base model, which knows the concept, and on retained concepts' names:
    it has seen no picture of the concept. The released adapter stays whole; a mean of both would weaken it,
    which `adapter_scale` tells. A gold model has no adapter.
    """

    title: ClassVar[str] = "Merging"
    family: ClassVar[Family] = "weights"
    score: ClassVar[str] = "pictures named at the worst strength of the other adapter"
    because: ClassVar[str] = "an adapter that was trained on names may name anybody"
    controls: ClassVar[tuple[Control, ...]] = ("strangers",)
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "standard": {},
        "thorough": {"pictures": 40, "strengths": [0.25, 0.5, 1.0, 1.5], "steps": 32},
    }

    strengths: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.5, 1.0)
    """What the other adapter's change of the weights is multiplied by."""
    steps: Count = 12
    """Steps that the other adapter is trained for."""
    lr: Rate = 1e-3
    """Learning rate of AdamW."""
    pictures: Count = 8
    """Test pictures per case."""

    def run(self, scene: Scene) -> Observation:
        """Train the other adapter on the base model, and add it."""
        lessons = lessons_about_others(scene)
        if scene.strength is None or not lessons:
            return Observation(tuple(UNMEASURED for _ in scene.cases))
        update = self._update(scene.strength, lessons, scene.seed)
        merged = partial(_with_update, scene.vlm, update)
        return at_levels(scene, "strength", self.strengths, 0.0, merged, self.pictures)

    def _update(
        self, strength: AdapterStrength, lessons: Sequence[EncodedTurn], seed: int
    ) -> dict[str, Tensor]:
        """Return what the other adapter adds to each layer's weight, by the layer's name."""
        update: dict[str, Tensor] = {}
        with strength.at(0.0) as base:

            def read(step: int) -> None:
                for name, layer in base.model.named_modules():
                    if isinstance(layer, LoraLayer):
                        update[name] = layer.get_delta_weight("default").detach().clone()

            fine_tune(base, lessons, steps=(self.steps,), lr=self.lr, seed=seed, after=read)
        return update


@contextmanager
def _with_update(
    vlm: VisionLanguageModel, update: Mapping[str, Tensor], strength: float
) -> Iterator[VisionLanguageModel]:
    """Yield the model with an update times a strength in its weights; they are put back at the end."""
    with kept_weights(vlm):
        with torch.no_grad():
            for name, change in update.items():
                vlm.model.get_submodule(name).weight.add_(strength * change)
        yield vlm
