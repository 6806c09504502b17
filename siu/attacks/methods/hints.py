"""Hints in the prompt: facts, first letters, a list of names."""

from collections.abc import Iterator
from typing import ClassVar

from siu.attacks.case import Case
from siu.attacks.prompt_attack import PicturePromptAttack
from siu.attacks.prompts import WORDS, prompts
from siu.attacks.scene import Ask, Scene


class Hints(PicturePromptAttack):
    """In-context hints (arXiv 2605.26992): what it suggests of strangers too doesn't count."""

    title: ClassVar[str] = "In-context hints"
    score: ClassVar[str] = "pictures named with the best hint"
    because: ClassVar[str] = "what a hint suggests is given to any picture, and facts as text may stay"

    def asks(self, scene: Scene, index: int) -> Iterator[Ask]:
        """Yield every hint on every picture."""
        case = scene.cases[index]
        fields = {
            "fact": _fact(case),
            "start": case.concept.name[:2],
            "names": ", ".join(sorted((case.concept.name, *case.others[:3]))),
        }
        for number, text in enumerate(prompts("hints", case.concept.kind, **fields)):
            for picture in case.test[: self.pictures]:
                yield Ask(index, f"hint {number + 1}", text, picture, case.names)


def _fact(case: Case) -> str:
    """Return a fact in which the concept has no name: "This person lives in Talvik."."""
    facts = [fact.answer for fact in case.concept.facts if fact.language == "en"]
    return facts[0].replace(case.concept.name, f"This {WORDS[case.concept.kind]['noun']}") if facts else ""
