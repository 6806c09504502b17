"""Pruning: the smallest weights set to zero."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import Field
from torch import Tensor

from siu.attacks.attack import Attack, Family
from siu.attacks.levels import at_levels
from siu.attacks.observation import Observation
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count
from siu.models import VisionLanguageModel
from siu.models.merged import changed_linear_layers


class Pruning(Attack):
    """Magnitude pruning of the merged weights (Han et al. 2015, arXiv 1506.02626), not trained after it."""

    title: ClassVar[str] = "Pruning"
    family: ClassVar[Family] = "weights"
    score: ClassVar[str] = "pictures named at the worst sparsity"
    because: ClassVar[str] = "a damaged model may name anybody so"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "standard": {},
        "thorough": {"pictures": 40, "sparsities": [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]},
    }

    pictures: Count = 8
    """Test pictures per case."""
    sparsities: Annotated[tuple[Annotated[float, Field(gt=0, lt=1)], ...], Field(min_length=1)] = (
        0.1,
        0.2,
        0.3,
        0.5,
    )
    """Shares of each linear layer's weights of the language model that are set to zero, the smallest ones."""

    def run(self, scene: Scene) -> Observation:
        """Ask the plain questions at every sparsity."""
        return at_levels(scene, "sparsity", self.sparsities, 0.0, partial(pruned, scene.vlm), self.pictures)


def pruned(vlm: VisionLanguageModel, sparsity: float) -> AbstractContextManager[VisionLanguageModel]:
    """Return the model with the language model's linear layers pruned; they are put back at the end."""
    return changed_linear_layers(vlm, lambda weight: weight.masked_fill(smallest(weight, sparsity), 0.0))


def smallest(weight: Tensor, share: float) -> Tensor:
    """Return which weights of a layer are its smallest by absolute value: the share, or one at least."""
    sizes = weight.abs().float()
    count = max(1, round(share * weight.numel()))
    return sizes <= sizes.flatten().kthvalue(count).values
