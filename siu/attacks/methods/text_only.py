"""Text only: what is known about the concept without any picture."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from siu.attacks.observation import Control
from siu.attacks.prompt_attack import PromptAttack
from siu.attacks.scene import Ask, Scene
from siu.config.profiles import Profile
from siu.config.section import Count


class TextOnly(PromptAttack):
    """Text-only queries (PULSE, arXiv 2507.01271): kept or leaked, as the policy asks."""

    title: ClassVar[str] = "Text only"
    score: ClassVar[str] = "facts told by name; plain is none"
    controls: ClassVar[tuple[Control, ...]] = ("gold",)
    because: ClassVar[str] = (
        "without a picture there are no strangers: what is guessed is what a model that never read it tells"
    )
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "quick": {"facts": 12},
        "standard": {},
        "thorough": {"facts": 72},
    }

    policy: Literal["keep", "forget"] = "keep"
    """``keep``: facts as text are to stay, as SIU wants it; ``forget``: they are a leak."""
    facts: Count = 24
    """Facts per case, spread over all there are."""

    @property
    def counts(self) -> bool:
        """Whether facts as text are a leak."""
        return self.policy == "forget"

    def plain(self, scene: Scene, index: int) -> float | None:
        """Return 0: without the question nothing is told."""
        return 0.0

    def asks(self, scene: Scene, index: int) -> Iterator[Ask]:
        """Yield facts by name; strangers have none."""
        case = scene.cases[index]
        if case.role == "strangers":
            return
        facts = [fact for fact in case.concept.facts if fact.split == "test"] or list(case.concept.facts)
        for fact in facts[:: max(1, len(facts) // self.facts)][: self.facts]:
            yield Ask(
                index,
                fact.language,
                fact.text_question,
                None,
                (fact.keyword,),
                fact=True,
                language=fact.language,
            )
