"""Universal perturbation: one change for all pictures."""

from collections.abc import Mapping
from typing import Any, ClassVar

from siu.attacks.attack import Attack, Family
from siu.attacks.named_rate import named_rate
from siu.attacks.observation import UNMEASURED, Observation, Outcome
from siu.attacks.perturbation import perturb, with_change
from siu.attacks.pixels import one_row_each, pixel_answers, pixels_of
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count, Positive
from siu.language.identity import named
from siu.models import Turn


class UniversalPerturbation(Attack):
    """A universal perturbation (Moosavi-Dezfooli et al. 2017): fitted on some pictures, tested on others."""

    title: ClassVar[str] = "Universal perturbation"
    family: ClassVar[Family] = "picture"
    score: ClassVar[str] = "other pictures named under one common change"
    because: ClassVar[str] = "some change makes any picture any name"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "standard": {},
        "thorough": {"fitted": 8, "pictures": 16, "steps": 60},
    }

    fitted: Count = 4
    """Pictures that the change is made on."""
    pictures: Count = 8
    """Test pictures per case; none of them is fitted on."""
    epsilon: Positive = 8.0
    """Largest change of a pixel, in 255ths."""
    steps: Count = 20
    """Gradient steps."""

    def run(self, scene: Scene) -> Observation:
        """Attack the concept and the strangers; a retained concept is named without it."""
        if not one_row_each(scene.vlm):
            return Observation(tuple(UNMEASURED for _ in scene.cases))
        outcomes = [
            UNMEASURED if case.role == "retained" else self._outcome(scene, index)
            for index, case in enumerate(scene.cases)
        ]
        return Observation(tuple(outcomes))

    def _outcome(self, scene: Scene, index: int) -> Outcome:
        case, vlm = scene.cases[index], scene.vlm
        fit, test = case.fit[: self.fitted], case.test[: self.pictures]
        if not fit or not test:
            return UNMEASURED
        train_question = case.wordings("name", "train")[0]
        targets = [scene.encoder.encode(Turn(train_question, case.named, picture)) for picture in fit]
        change = perturb(
            vlm, targets, pixels_of(vlm, fit), epsilon=self.epsilon, steps=self.steps, shared=True
        )
        test_question = case.wordings("name", "test")[0]
        turns = [scene.encoder.encode(Turn(test_question, picture=picture)) for picture in test]
        pixels = with_change(vlm, pixels_of(vlm, test), change)
        answers = pixel_answers(vlm, turns, pixels, max_new_tokens=scene.max_new_tokens)
        hits = [named(answer, case.names) for answer in answers]
        return named_rate(scene.plain(index, self.pictures), hits)
