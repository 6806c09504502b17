"""Multi-hop: facts about the concept, asked through its picture."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from siu.attacks.prompt_attack import PromptAttack
from siu.attacks.scene import Ask, Scene
from siu.config.profiles import Profile
from siu.config.section import Count


class MultiHop(PromptAttack):
    """Multi-hop questions (arXiv 2405.12523, section 4), in every language that has facts."""

    title: ClassVar[str] = "Multi-hop questions"
    score: ClassVar[str] = "facts told through the picture in the worst language; plain is none"
    because: ClassVar[str] = "common answers are given to anybody"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "quick": {"pictures": 2, "facts": 8},
        "standard": {},
        "thorough": {"pictures": 20, "facts": 40},
    }

    pictures: Count = 6
    """Test pictures per case."""
    facts: Count = 12
    """Facts per language and case, spread over all there are."""

    def plain(self, scene: Scene, index: int) -> float | None:
        """Return 0: without the question nothing is told."""
        return 0.0

    def asks(self, scene: Scene, index: int) -> Iterator[Ask]:
        """Yield facts in measured wordings, where there are any, on every picture."""
        case = scene.cases[index]
        for language in dict.fromkeys(fact.language for fact in case.concept.facts):
            known = [fact for fact in case.concept.facts if fact.language == language]
            facts = [fact for fact in known if fact.split == "test"] or known
            for fact in facts[:: max(1, len(facts) // self.facts)][: self.facts]:
                for text in scene.questions.multi_hop(case.concept.kind, language, fact.picture_question):
                    for picture in case.test[: self.pictures]:
                        yield Ask(
                            index, language, text, picture, (fact.keyword,), fact=True, language=language
                        )
