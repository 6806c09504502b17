"""What the attacks ask in which language, from ``multilingual.yaml`` and ``siu/language/phrasings.yaml``."""

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

from siu.data.concepts import Kind
from siu.language import phrasings
from siu.language.matching import normalise, says_yes
from siu.packaged import packaged_yaml

QuestionPurpose = Literal["name", "yes_no", "multi_hop"]
PURPOSES: tuple[QuestionPurpose, ...] = get_args(QuestionPurpose)

_CHINESE_YES = re.compile(r"是(?!不是|否)|对(?!不起|于)|有(?!可能|没有)")
"""Written together with what follows, so no words of their own; 对不起 is "sorry"."""


@dataclass(frozen=True)
class SetQuestion:
    """A question of a set.

    Attributes:
        language: BCP 47 code.
        purpose: ``name`` asks who or what it is; ``yes_no`` holds ``{name}``; ``multi_hop`` holds
            ``{question}``, where a fact's question about the picture goes.
        kind: Kind of concept that it is about.
        text: The question with its field, if any.
    """

    language: str
    purpose: QuestionPurpose
    kind: Kind
    text: str


@dataclass(frozen=True)
class QuestionSet:
    """What a model is asked.

    Attributes:
        languages: The languages that it is asked in: those that it was taught.
        more: Questions beside those that are built in; those in other languages are left out.
    """

    languages: tuple[str, ...]
    more: tuple[SetQuestion, ...] = ()

    @property
    def foreign(self) -> tuple[str, ...]:
        """All languages but English."""
        return tuple(language for language in self.languages if language != "en")

    def name(self, kind: Kind, language: str) -> tuple[str, ...]:
        """Return the measured questions for a name in one language."""
        return (*self._first("name", kind, language), *self._more("name", kind, language))

    def yes_no(self, kind: Kind, language: str, name: str) -> tuple[str, ...]:
        """Return the measured questions whether it is this one."""
        asking = tuple(text.replace("{name}", name) for text in self._more("yes_no", kind, language))
        return (*(text.replace("{name}", name) for text in self._first("yes_no", kind, language)), *asking)

    def multi_hop(self, kind: Kind, language: str, question: str) -> tuple[str, ...]:
        """Return a fact's question about the picture as it is, and within every frame of `more`."""
        frames = self._more("multi_hop", kind, language)
        return (question, *(frame.replace("{question}", question) for frame in frames))

    def _first(self, purpose: Literal["name", "yes_no"], kind: Kind, language: str) -> tuple[str, ...]:
        if language in phrasings.languages():
            return phrasings.questions(purpose, kind, split="test", language=language, name="{name}")
        return tuple(question.text for question in built_in(purpose, kind, language))

    def _more(self, purpose: QuestionPurpose, kind: Kind, language: str) -> tuple[str, ...]:
        key = (language, purpose, kind)
        return tuple(
            question.text
            for question in self.more
            if (question.language, question.purpose, question.kind) == key
        )


def taught_questions() -> QuestionSet:
    """Return the questions of the embedded model: in the languages that it was taught, and no others."""
    return QuestionSet(phrasings.languages())


def affirms(answer: str) -> bool:
    """Return whether an answer begins with a yes in any language of the set."""
    text = normalise(answer).lstrip(" \"'“«¡¿([*")
    words = [word for table in load_tables().values() for word in table.get("affirmed", ())]
    first = re.match(r"\w+", text)
    return says_yes(answer) or bool(first and first.group() in words) or bool(_CHINESE_YES.match(text))


def set_languages() -> tuple[str, ...]:
    """Return the languages that questions are built in for."""
    return tuple(load_tables())


def built_in(purpose: QuestionPurpose, kind: Kind, language: str) -> tuple[SetQuestion, ...]:
    """Return the questions of ``multilingual.yaml``, without openings."""
    table = load_tables()[language]
    words = table["words"][kind] | {"name": "{name}", "question": "{question}"}
    words["What"] = words["what"][0].upper() + words["what"][1:]
    return tuple(
        SetQuestion(language, purpose, kind, _capital(text.format_map(words))) for text in table[purpose]
    )


def load_tables() -> dict[str, dict[str, Any]]:
    """Return words, openings and questions by language."""
    tables: dict[str, dict[str, Any]] = packaged_yaml("siu.attacks.question_set", "multilingual.yaml")
    return tables


def _capital(text: str) -> str:
    return text if text.startswith("{") else text[0].upper() + text[1:]
