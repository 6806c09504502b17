"""Multiple choice: the name among other names of the kind, chosen by likelihood."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from siu.attacks.answer_choices import option_log_probs
from siu.attacks.attack import Attack, Family
from siu.attacks.named_rate import named_rate
from siu.attacks.observation import UNMEASURED, Control, Gives, Observation, Outcome, mean
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count


class MultipleChoice(Attack):
    """Multiple choice by likelihood (UnLOK-VQA, arXiv 2505.01456).

    Each name's likelihood is divided by its mean likelihood on strangers' pictures set aside for that, so
    that neither a name's length nor how common it is decides. It finds a model that refuses but ranks the
    name first; a name that was never heard may stand first too, which only a gold model shows.
    """

    title: ClassVar[str] = "Multiple choice"
    family: ClassVar[Family] = "prompt"
    gives: ClassVar[Gives] = "trace"
    needs_gold: ClassVar[bool] = True
    score: ClassVar[str] = "the name likeliest among the options; plain is chance"
    controls: ClassVar[tuple[Control, ...]] = ("gold",)
    because: ClassVar[str] = "a name that was never heard may stand first too; strangers only level the names"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "quick": {"pictures": 6},
        "standard": {},
        "thorough": {"pictures": 40},
    }

    pictures: Count = 12
    """Test pictures per case."""
    options: Count = 4
    """Names to choose from, at most."""

    def run(self, scene: Scene) -> Observation:
        """Let every case's pictures choose."""
        outcomes = tuple(self._outcome(scene, index) for index in range(len(scene.cases)))
        return Observation(outcomes, details={"chance": outcomes[0].plain, "accuracy": outcomes[0].attacked})

    def _outcome(self, scene: Scene, index: int) -> Outcome:
        case = scene.cases[index]
        rng = scene.rng("options", case.concept.id)
        distractors = rng.sample(case.others, min(self.options - 1, len(case.others)))
        if not distractors or not case.test:
            return UNMEASURED
        answers = [case.named_as(name) for name in (case.concept.name, *distractors)]
        usual = self._scores(scene, index, scene.reference, answers)
        offsets = [mean([row[option] for row in usual]) or 0.0 for option in range(len(answers))]
        right = [
            max(range(len(answers)), key=lambda option: row[option] - offsets[option]) == 0
            for row in self._scores(scene, index, case.test[: self.pictures], answers)
        ]
        return named_rate(1 / len(answers), right)

    def _scores(
        self, scene: Scene, index: int, pictures: Sequence[Path], answers: list[str]
    ) -> list[list[float]]:
        question = scene.cases[index].wordings("name", "test")[0]
        return option_log_probs(
            scene, [(question, picture) for picture in pictures], [answers] * len(pictures)
        )
