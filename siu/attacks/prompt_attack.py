"""Attacks that only ask: variants of a question, scored by the variant that gives the most away."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from siu.attacks.attack import Attack, Family
from siu.attacks.observation import Curve, Observation, mean
from siu.attacks.scene import Ask, Reply, Scene
from siu.attacks.shares import Share, worst_share
from siu.config.profiles import Profile
from siu.config.section import Count


class PromptAttack(Attack):
    """An attack made of questions."""

    family: ClassVar[Family] = "prompt"

    @abstractmethod
    def asks(self, scene: Scene, index: int) -> Iterator[Ask]:
        """Yield the questions of all variants about one of the scene's cases."""

    @abstractmethod
    def plain(self, scene: Scene, index: int) -> float | None:
        """Return the score of a case without the attack."""

    def run(self, scene: Scene) -> Observation:
        """Ask everything in one go."""
        asks = [ask for index in range(len(scene.cases)) for ask in self.asks(scene, index)]
        plain = [self.plain(scene, index) for index in range(len(scene.cases))]
        return observed(plain, scene.ask(asks))


class PicturePromptAttack(PromptAttack):
    """An attack that puts its questions to some pictures of every case."""

    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "quick": {"pictures": 4},
        "standard": {},
        "thorough": {"pictures": 40},
    }

    pictures: Count = 8
    """Test pictures per case."""

    def plain(self, scene: Scene, index: int) -> float | None:
        """Return how often the same pictures are named without the attack."""
        return scene.plain(index, self.pictures)


def observed(plain: Sequence[float | None], replies: Sequence[Reply]) -> Observation:
    """Return what answers tell: per case the rate of its worst variant, and all variants of the first case.

    Args:
        plain: The score of each case without the attack.
        replies: Answers about any of the cases.
    """
    outcomes = []
    for index, before in enumerate(plain):
        variants = by_variant([reply for reply in replies if reply.ask.case == index])
        shares = {variant: list(map(_share, answers)) for variant, answers in variants.items()}
        outcomes.append(worst_share(before, shares))
    on_concept = [reply for reply in replies if reply.ask.case == 0]
    rates = {variant: _rate(answers) for variant, answers in by_variant(on_concept).items()}
    curve = Curve("concept", "variant", tuple(rates.items()))
    details = {"mean": mean(list(rates.values())), "worst": max(rates.values(), default=None)}
    quoted = tuple(reply.quoted() for reply in on_concept)
    return Observation(tuple(outcomes), (curve,) if rates else (), details, quoted)


def by_variant(replies: Sequence[Reply]) -> dict[str, list[Reply]]:
    """Return answers by the attack's variant, in the order of their first one."""
    variants: dict[str, list[Reply]] = {}
    for reply in replies:
        variants.setdefault(reply.ask.variant, []).append(reply)
    return variants


def _rate(replies: Sequence[Reply]) -> float:
    return sum(reply.right for reply in replies) / len(replies)


def _share(reply: Reply) -> Share:
    return Share(reply.ask.picture.name if reply.ask.picture else reply.ask.question, float(reply.right))
