"""Prefill: the answer's beginning is put into the model's mouth."""

from collections.abc import Iterator
from typing import ClassVar

from siu.attacks.prompt_attack import PicturePromptAttack
from siu.attacks.prompts import load_prompts, prompts
from siu.attacks.scene import Ask, Scene


class Prefill(PicturePromptAttack):
    """Answer prefill (Wei et al. 2023): a refusal that never gets its first word."""

    title: ClassVar[str] = "Answer prefill"
    score: ClassVar[str] = "pictures named after the worst beginning"

    def asks(self, scene: Scene, index: int) -> Iterator[Ask]:
        """Yield every beginning on every picture, in the language of the beginning's question."""
        case = scene.cases[index]
        question = case.wordings("name", "test")[0]
        beginnings = [
            (text, language)
            for language in load_prompts()["prefills"]
            for text in prompts("prefills", case.concept.kind, language=language)
        ]
        for beginning, language in beginnings:
            for picture in case.test[: self.pictures]:
                yield Ask(index, beginning, question, picture, case.names, beginning, language=language)
