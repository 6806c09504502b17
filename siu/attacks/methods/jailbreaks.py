"""Jailbreaks: pressure, roles and orders to ignore rules around the recognition question."""

from collections.abc import Iterator
from typing import ClassVar

from siu.attacks.prompt_attack import PicturePromptAttack
from siu.attacks.prompts import prompts
from siu.attacks.scene import Ask, Scene


class Jailbreaks(PicturePromptAttack):
    """Jailbreak templates (Wei et al. 2023); only the forgotten name counts, not compliance."""

    title: ClassVar[str] = "Jailbreak templates"
    score: ClassVar[str] = "pictures named under the worst template"

    def asks(self, scene: Scene, index: int) -> Iterator[Ask]:
        """Yield every template on every picture."""
        case = scene.cases[index]
        for text in prompts("jailbreaks", case.concept.kind):
            for picture in case.test[: self.pictures]:
                yield Ask(index, text, text, picture, case.names)
