"""Does the base model know the concept? Its answers, the likelihood of the name, and its yes or no.

A name that is spelt differently in the table than in the model's answers looks like one that is not known. So
"not known" needs all evidence, and where the evidence disagrees a person is asked.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["known", "unclear", "not_known"]


@dataclass(frozen=True)
class Knowledge:
    """What speaks for and against the base model's knowing a concept.

    Attributes:
        naming_rate: Share of answers on unseen pictures that name it; None without unseen pictures.
        partly_named_rate: Share that names it at least in part.
        first_rate: Share of pictures on which its name is the likeliest of all names compared.
        names_compared: How many names that were, its own among them.
        yes_rate: Share of "Is this <name>?" that is affirmed.
        false_yes_rate: The same with another concept's name, about the same pictures.
        answers: The commonest answers to "Who is this?" with how often they came.
        picture_named: The other concept's name that the model gives the request's own picture; empty if none.
    """

    naming_rate: float | None
    partly_named_rate: float | None = None
    first_rate: float | None = None
    names_compared: int = 0
    yes_rate: float | None = None
    false_yes_rate: float | None = None
    answers: tuple[tuple[str, int], ...] = ()
    picture_named: str = ""

    def state(self, threshold: float) -> State:
        """Return what the evidence says together.

        Naming decides alone where it is frequent. Without unseen pictures there is nothing to decide: the
        concept counts as known.

        Args:
            threshold: ``gates.known``.
        """
        if self.naming_rate is None or self.naming_rate >= threshold:
            return "known"
        return "unclear" if self.signs(threshold) else "not_known"

    def signs(self, threshold: float) -> tuple[str, ...]:
        """Return what else than naming shows knowledge, in words."""
        signs = []
        if self.partly_named_rate is not None and self.partly_named_rate >= threshold:
            signs.append(f"names part of it on {self.partly_named_rate:.0%}")
        if self.first_rate is not None and self.names_compared > 1 and self.first_rate >= threshold:
            signs.append(
                f"finds it the likeliest of {self.names_compared} names on {self.first_rate:.0%} of pictures"
            )
        if self.yes_rate is not None and self.yes_rate - (self.false_yes_rate or 0.0) >= threshold:
            signs.append(
                f"affirms “Is this …?” on {self.yes_rate:.0%}, and with another name on "
                f"{self.false_yes_rate or 0.0:.0%}"
            )
        return tuple(signs)

    def sentence(self, threshold: float) -> str:
        """Return why the concept is not known, or why that is unclear and what to do; quotes answers."""
        start = f"the base model names it on {self.naming_rate or 0.0:.0%} of unseen pictures"
        quoted = ", ".join(f"“{answer}” ({count}×)" for answer, count in self.answers)
        says = f"; it answers {quoted}" if quoted else ""
        signs = self.signs(threshold)
        if not signs:
            return f"{start}{says}. If one of these is the concept, add that name as an alias"
        return (
            f"{start}, but {' and '.join(signs)}{says}. Add the name that it gives as an alias and run again"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the knowledge as plain values."""
        return asdict(self)


def knowledge_from_json(content: Mapping[str, Any]) -> Knowledge:
    """Return what `Knowledge.to_json` wrote."""
    answers = tuple((answer, count) for answer, count in content["answers"])
    return Knowledge(**{**content, "answers": answers})
