"""Quantisation: the weights rounded to fewer bits."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import Field

from siu.attacks.attack import Attack, Family
from siu.attacks.levels import at_levels
from siu.attacks.observation import Observation
from siu.attacks.rounding import Precision, rounded
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count


class Quantisation(Attack):
    """Quantisation by round-to-nearest of the merged weights (arXiv 2410.16454)."""

    title: ClassVar[str] = "Quantisation"
    family: ClassVar[Family] = "weights"
    score: ClassVar[str] = "pictures named at the worst precision"
    because: ClassVar[str] = "a damaged model may name anybody so"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {"standard": {}, "thorough": {"pictures": 40}}

    pictures: Count = 8
    """Test pictures per case."""
    precisions: Annotated[tuple[Precision, ...], Field(min_length=1)] = ("bf16", "int8", "int4", "nf4")
    """What the language model's linear layers are rounded to; int4 and nf4 in blocks of 64."""

    def run(self, scene: Scene) -> Observation:
        """Ask the plain questions at every precision."""
        return at_levels(
            scene, "precision", self.precisions, "full", partial(rounded, scene.vlm), self.pictures
        )
