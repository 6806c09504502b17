"""Paraphrases: the recognition question in all wordings there are."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from siu.attacks.prompt_attack import PicturePromptAttack
from siu.attacks.prompts import prompts
from siu.attacks.scene import Ask, Scene
from siu.config.profiles import Profile


class Paraphrases(PicturePromptAttack):
    """Extraction by paraphrases (FIUBench, arXiv 2411.03554)."""

    title: ClassVar[str] = "Paraphrases"
    score: ClassVar[str] = "pictures named in the worst wording"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "quick": {"pictures": 3},
        "standard": {},
        "thorough": {"pictures": 40},
    }

    def asks(self, scene: Scene, index: int) -> Iterator[Ask]:
        """Yield every wording on every picture."""
        case = scene.cases[index]
        kind = case.concept.kind
        wordings = (
            *case.wordings("name", "test"),
            *case.wordings("name", "train"),
            *prompts("paraphrases", kind),
        )
        for text in dict.fromkeys(wordings):
            for picture in case.test[: self.pictures]:
                yield Ask(index, text, text, picture, case.names)
