"""Adapter scaling: the adapter in the weights at another strength."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from siu.attacks.attack import Attack, Family
from siu.attacks.observation import UNMEASURED, Control, Curve, Observation
from siu.attacks.prompt_attack import observed
from siu.attacks.scene import Ask, Reply, Scene
from siu.config.profiles import Profile
from siu.config.section import Count, Positive


class AdapterScale(Attack):
    """Adapter scaling: the base model's weights plus s times the adapter's part (ours).

    Both "Who is this?" and "Is this …?" are asked, each in several wordings. A gold model has no adapter.
    Every adapter gives the concept back at a small enough strength, and whoever can scale it holds the base
    model, which knows the concept: the curve tells how near that is. So it is reported, and gates nothing
    unless the policy says so.
    """

    title: ClassVar[str] = "Adapter scaling"
    family: ClassVar[Family] = "weights"
    score: ClassVar[str] = "pictures named or affirmed at the worst strength, in the worst wording"
    because: ClassVar[str] = (
        "at the same strength; the gold model has no adapter, and retained names show what stays known"
    )
    controls: ClassVar[tuple[Control, ...]] = ("strangers",)
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "quick": {"pictures": 2, "wordings": 2, "scales": [0.5, 0.75]},
        "standard": {},
        "thorough": {"pictures": 40, "scales": [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.25, 1.5, 2.0]},
    }

    policy: Literal["report", "gate"] = "report"
    """``report``: shown beside the verdict; ``gate``: what comes back at any of the strengths is a leak."""
    pictures: Count = 8
    """Test pictures per case."""
    scales: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.25, 0.5, 0.75, 1.5)
    """What the adapter's change of the weights is multiplied by; 1 is as it is given away."""
    wordings: Count = 3
    """Wordings of each question, at most."""

    @property
    def counts(self) -> bool:
        """Whether what a weaker or stronger adapter gives away is a leak."""
        return self.policy == "gate"

    def run(self, scene: Scene) -> Observation:
        """Ask at every strength; without an adapter nothing is measured."""
        if scene.strength is None:
            return Observation(tuple(UNMEASURED for _ in scene.cases))
        plain = [scene.plain(index, self.pictures) for index in range(len(scene.cases))]
        replies: list[Reply] = []
        for scale in self.scales:
            with scene.strength.at(scale) as vlm:
                replies += scene.on(vlm).ask(list(self._asks(scene, scale)))
        seen = observed(plain, replies)
        return Observation(seen.outcomes, self._curves(replies), seen.details, seen.said)

    def _asks(self, scene: Scene, scale: float) -> Iterator[Ask]:
        for index, case in enumerate(scene.cases):
            names, affirmed = (
                case.wordings(purpose, "test")[: self.wordings] for purpose in ("name", "yes_no")
            )
            for number in range(self.wordings):
                for texts, kind, keywords in ((names, "named", case.names), (affirmed, "affirmed", None)):
                    if number < len(texts):
                        variant = f"×{scale:g} {kind} {number + 1}"
                        for picture in case.test[: self.pictures]:
                            yield Ask(index, variant, texts[number], picture, keywords)

    def _curves(self, replies: list[Reply]) -> tuple[Curve, ...]:
        """Return how often the concept is named, and affirmed, over the strengths."""
        curves = []
        for kind in ("named", "affirmed"):
            points: list[tuple[float | str, float]] = []
            for scale in self.scales:
                right = [
                    reply.right
                    for reply in replies
                    if reply.ask.case == 0 and reply.ask.variant.startswith(f"×{scale:g} {kind}")
                ]
                if right:
                    points.append((scale, sum(right) / len(right)))
            curves.append(Curve(kind, "scale", tuple(points)))
        return tuple(curve for curve in curves if curve.points)
