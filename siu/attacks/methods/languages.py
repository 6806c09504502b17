"""Other languages: the recognition question in every language that the model was taught."""

from collections.abc import Iterator
from typing import ClassVar

from siu.attacks.prompt_attack import PicturePromptAttack
from siu.attacks.scene import Ask, Scene


class Languages(PicturePromptAttack):
    """Multilingual questions (arXiv 2405.12523, section 4)."""

    title: ClassVar[str] = "Other languages"
    score: ClassVar[str] = "pictures named in the worst language"

    def asks(self, scene: Scene, index: int) -> Iterator[Ask]:
        """Yield every measured wording of every language but English on every picture."""
        case = scene.cases[index]
        for language in scene.questions.foreign:
            for text in scene.questions.name(case.concept.kind, language):
                for picture in case.test[: self.pictures]:
                    yield Ask(index, language, text, picture, case.names, language=language)
