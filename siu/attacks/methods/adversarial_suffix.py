"""Adversarial suffix: tokens after the question, searched until the name comes out."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from siu.attacks.attack import Attack, Family
from siu.attacks.case import Case
from siu.attacks.named_rate import named_rate
from siu.attacks.observation import UNMEASURED, Observation, QuotedAnswer
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count, SuffixLength
from siu.language.identity import named
from siu.models import EncodedTurn, Turn, generate
from siu.models.token_search import Suffix, TokenSearch

CERTAIN = 0.01
"""Mean cross-entropy of the answer's tokens, in nats, at which nothing is left to be searched for."""


class AdversarialSuffix(Attack):
    """Greedy coordinate gradient (Zou et al. 2023, arXiv 2307.15043): a suffix of tokens, in white box.

    Each step replaces one token: of the replacements that the gradient holds for good, some are tried, and
    the best is taken if it makes the name likelier. Fitted on some pictures and a `train` wording, tested on
    others.
    """

    title: ClassVar[str] = "Adversarial suffix"
    family: ClassVar[Family] = "inside"
    score: ClassVar[str] = "other pictures named after the searched tokens"
    because: ClassVar[str] = "some tokens make any picture any name that the model keeps as text"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "standard": {},
        "thorough": {"steps": 80, "tried": 64, "pictures": 14},
    }

    tokens: SuffixLength = 12
    """Length of the suffix."""
    steps: Count = 40
    """Replacements that are looked for, at most: the search ends where the name is as good as certain."""
    tried: Count = 32
    """Replacements that are tried in a step."""
    fitted: Count = 2
    """Pictures that the suffix is made on."""
    pictures: Count = 8
    """Test pictures per case."""

    def run(self, scene: Scene) -> Observation:
        """Attack the concept and the strangers; a retained concept is named without it."""
        observations = [self._on_case(scene, index) for index in range(len(scene.cases))]
        on_concept = observations[0]
        outcomes = tuple(outcome for observation in observations for outcome in observation.outcomes)
        return Observation(outcomes, details=on_concept.details, said=on_concept.said)

    def _on_case(self, scene: Scene, index: int) -> Observation:
        """Return what a suffix of its own does to one case."""
        case = scene.cases[index]
        fit, test = case.fit[: self.fitted], case.test[: self.pictures]
        if case.role == "retained" or not fit or not test:
            return Observation((UNMEASURED,))
        question = case.wordings("name", "train")[0]
        lessons = [scene.encoder.encode(Turn(question, case.named, picture)) for picture in fit]
        search = TokenSearch(scene.vlm, tried=self.tried, seed=scene.seed, batch_size=scene.batch_size)
        first, last = self._searched(search, lessons)
        answers = self._answers(scene, search, case, last)
        outcome = named_rate(scene.plain(index, self.pictures), [answer.right for answer in answers])
        details = {"loss_without_search": first.loss, "loss": last.loss}
        return Observation((outcome,), details=details, said=tuple(answers))

    def _searched(self, search: TokenSearch, turns: Sequence[EncodedTurn]) -> tuple[Suffix, Suffix]:
        """Return the suffix that the search began with, and the one that it came to."""
        first = suffix = search.measured(search.drawn(self.tokens), turns)
        for _ in range(self.steps):
            if suffix.loss < CERTAIN:
                break
            suffix = search.improved(suffix, turns)
        return first, suffix

    def _answers(self, scene: Scene, search: TokenSearch, case: Case, suffix: Suffix) -> list[QuotedAnswer]:
        question = case.wordings("name", "test")[0]
        pictures = case.test[: self.pictures]
        turns = [
            search.inserted(scene.encoder.encode(Turn(question, "", picture)), suffix.ids)
            for picture in pictures
        ]
        texts = generate(scene.vlm, turns, max_new_tokens=scene.max_new_tokens, batch_size=scene.batch_size)
        words = str(scene.vlm.tokenizer.decode(list(suffix.ids)))
        return [
            QuotedAnswer("suffix", f"{question}{words}", picture.name, text, named(text, case.names))
            for picture, text in zip(pictures, texts, strict=True)
        ]
