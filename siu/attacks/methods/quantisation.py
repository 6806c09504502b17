"""Quantisation: the weights rounded to fewer bits."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from siu.attacks.attack import Attack, Family
from siu.attacks.observation import Curve, Observation
from siu.attacks.prompt_attack import observed
from siu.attacks.rounding import Precision, rounded
from siu.attacks.scene import Ask, Reply, Scene
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
        plain = [scene.plain(index, self.pictures) for index in range(len(scene.cases))]
        replies: list[Reply] = []
        for precision in self.precisions:
            with rounded(scene.vlm, precision):
                replies += scene.ask(self._asks(scene, precision))
        observation = observed(plain, replies)
        points = tuple(point for curve in observation.curves for point in curve.points)
        full = () if plain[0] is None else (("full", plain[0]),)
        return Observation(
            observation.outcomes,
            (Curve("concept", "precision", full + points),),
            observation.details,
            observation.said,
        )

    def _asks(self, scene: Scene, precision: str) -> list[Ask]:
        return [
            ask for index in range(len(scene.cases)) for ask in scene.naming(index, self.pictures, precision)
        ]
