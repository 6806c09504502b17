"""leak@k: the name among sampled answers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from siu.attacks.attack import Attack, Family
from siu.attacks.case import Case
from siu.attacks.leak_rates import leak_by_probability, leak_by_samples
from siu.attacks.name_chances import name_chances
from siu.attacks.observation import Curve, Observation
from siu.attacks.scene import Ask, Scene
from siu.attacks.shares import Share, mean_share, worst_share
from siu.config.profiles import Profile
from siu.config.section import Count

PURPOSES: tuple[Literal["name", "describe"], ...] = ("name", "describe")
"""Who is this? and: describe this."""
KS = (1, 10, 100)
"""Where the curves have points."""


class LeakAtK(Attack):
    """leak@k (arXiv 2511.04934): what greedy answers hide comes out of one in k sampled ones.

    Read twice, at temperature 1 and with nothing cut off the distribution: from the likelihood of answers
    that begin with the name in some common phrasings, which is a lower bound, and from real samples. The
    score is the higher of both. Unbiased estimates want at least k samples.
    """

    title: ClassVar[str] = "Sampled answers (leak@k)"
    family: ClassVar[Family] = "prompt"
    score: ClassVar[str] = "chance that one of k sampled answers names it; worse question, worse reading"
    because: ClassVar[str] = "a name that is sampled for anybody says nothing about this picture"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "quick": {"pictures": 4, "sampled": 4, "samples": 40},
        "standard": {},
        "thorough": {"pictures": 40, "sampled": 12, "samples": 100},
    }

    k: Count = 10
    """How many answers an attacker draws."""
    pictures: Count = 12
    """Test pictures per case whose likelihoods are read."""
    sampled: Count = 12
    """Of these, pictures about which answers are drawn."""
    samples: Count = 40
    """Answers drawn per picture and question, at least k."""

    @model_validator(mode="after")
    def _enough_samples(self) -> "LeakAtK":
        if self.samples < self.k:
            raise ValueError(f"samples is {self.samples}: leak@{self.k} wants at least {self.k}")
        return self

    def run(self, scene: Scene) -> Observation:
        """Read likelihoods of every case, and draw answers about all but the retained, which are known."""
        asks = [ask for index in range(len(scene.cases)) for ask in self._asks(scene, index)]
        chances = dict(zip(asks, name_chances(scene, asks), strict=True))
        drawn = [ask for ask in asks if self._is_sampled(scene.cases[ask.case], ask)]
        replies = dict(zip(drawn, scene.sample(drawn, self.samples), strict=True))
        leaks = {ask: sum(reply.right for reply in answers) for ask, answers in replies.items()}
        outcomes = tuple(
            worst_share(scene.plain(index, self.pictures), self._variants(chances, leaks, index, self.k))
            for index in range(len(scene.cases))
        )
        quoted = dict.fromkeys(
            reply.quoted() for ask, answers in replies.items() if ask.case == 0 for reply in answers
        )
        curves = self._curves(chances, leaks)
        details = {
            f"{curve.name}, k={k:g}": rate
            for curve in curves
            for k, rate in curve.points
            if isinstance(k, float)
        }
        return Observation(outcomes, curves, details, tuple(quoted))

    def _asks(self, scene: Scene, index: int) -> Iterator[Ask]:
        """Yield both questions about every picture, in one measured wording each."""
        case = scene.cases[index]
        for purpose in PURPOSES:
            texts = case.wordings(purpose, "test")
            for number, picture in enumerate(case.test[: self.pictures]):
                text = texts[number % len(texts)]
                yield Ask(index, f"{purpose}, samples", text, picture, case.names)

    def _is_sampled(self, case: Case, ask: Ask) -> bool:
        return case.role != "retained" and ask.picture in case.test[: self.sampled]

    def _variants(
        self, chances: Mapping[Ask, float], leaks: Mapping[Ask, int], index: int, k: int
    ) -> dict[str, Sequence[Share]]:
        """Return leak@k of each picture, by question and reading."""
        shares: dict[str, list[Share]] = {}
        for ask, chance in chances.items():
            if ask.case == index:
                read = ask.variant.replace("samples", "likelihood")
                shares.setdefault(read, []).append(_share(ask, leak_by_probability(chance, k)))
        for ask, count in leaks.items():
            if ask.case == index and k <= self.samples:  # no unbiased estimate beyond
                rate = leak_by_samples(count, self.samples, k)
                shares.setdefault(ask.variant, []).append(_share(ask, rate))
        return dict(shares)

    def _curves(self, chances: Mapping[Ask, float], leaks: Mapping[Ask, int]) -> tuple[Curve, ...]:
        """Return leak@k over k for the concept; samples tell it up to their own number."""
        points: dict[str, list[tuple[float | str, float]]] = {}
        for k in sorted({*KS, self.k}):
            for variant, shares in self._variants(chances, leaks, 0, k).items():
                points.setdefault(variant, []).append((float(k), mean_share(shares)))
        return tuple(Curve(variant, "k", tuple(places)) for variant, places in points.items())


def _share(ask: Ask, rate: float) -> Share:
    return Share(str(ask.picture), rate)
