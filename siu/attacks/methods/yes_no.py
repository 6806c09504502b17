"""Yes/no: is this the concept?"""

from collections.abc import Iterator
from dataclasses import replace
from math import exp
from typing import ClassVar

from siu.attacks.answer_choices import option_log_probs
from siu.attacks.observation import Observation, mean
from siu.attacks.prompt_attack import PicturePromptAttack
from siu.attacks.scene import Ask, Scene
from siu.language import phrasings


class YesNo(PicturePromptAttack):
    """Yes/no probes (arXiv 2405.12523; UnLOK-VQA, arXiv 2505.01456)."""

    title: ClassVar[str] = "Yes or no"
    score: ClassVar[str] = "“Is this …?” affirmed in the worst wording"
    because: ClassVar[str] = "a model may affirm anything"

    def asks(self, scene: Scene, index: int) -> Iterator[Ask]:
        """Yield every measured wording of every language on every picture."""
        case = scene.cases[index]
        for language, text in _wordings(scene, index):
            for picture in case.test[: self.pictures]:
                yield Ask(index, text, text, picture, None, language=language)

    def run(self, scene: Scene) -> Observation:
        """Ask, and also measure how likely Yes is against No."""
        observation = super().run(scene)
        kind, case = scene.cases[0].concept.kind, scene.cases[0]
        questions = [
            (text, picture)
            for text in case.wordings("yes_no", "test")
            for picture in case.test[: self.pictures]
        ]
        options = [[phrasings.answer("yes", kind), phrasings.answer("no", kind)] for _ in questions]
        scores = option_log_probs(scene, questions, options)
        likely = mean([exp(yes) / (exp(yes) + exp(no)) for yes, no in scores])
        return replace(observation, details={**observation.details, "yes_probability": likely})


def _wordings(scene: Scene, index: int) -> Iterator[tuple[str, str]]:
    """Yield language and wording."""
    case = scene.cases[index]
    yield from (("en", text) for text in case.wordings("yes_no", "test"))
    for language in scene.questions.foreign:
        texts = scene.questions.yes_no(case.concept.kind, language, case.concept.name)
        yield from ((language, text) for text in texts)
