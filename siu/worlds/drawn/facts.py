"""Facts about concepts in all wordings and languages."""

from collections.abc import Iterator
from itertools import zip_longest

from siu.data.concepts import Fact, Kind, Split
from siu.language.phrasings import languages
from siu.worlds.drawn.tables import framed, frames, table

_ARTICLES = ("el ", "la ", "los ", "las ")
_SPLITS: tuple[Split, ...] = ("train", "test")


def facts_of(name: str, kind: Kind, values: dict[str, str]) -> tuple[Fact, ...]:
    """Return a concept's facts: every relation in the first wording, then in the second, and so on.

    Args:
        name: The concept's name.
        kind: Decides what stands for the name when a fact is asked through a picture.
        values: Value of each relation of ``facts.yaml``.
    """
    facts = []
    for language in languages():
        columns = [list(_wordings(name, kind, relation, values[relation], language)) for relation in values]
        facts += [fact for row in zip_longest(*columns) for fact in row if fact is not None]
    return tuple(facts)


def _wordings(name: str, kind: Kind, relation: str, value: str, language: str) -> Iterator[Fact]:
    *_, statement = table("facts.yaml")["relations"][relation][language]
    words = _translate(value, language)
    answer = statement.format(x=name, v=words)
    answer = answer[0].upper() + answer[1:]
    keyword = next((words.removeprefix(a) for a in _ARTICLES if words.startswith(a)), words)
    for split in _SPLITS:
        for index, frame in enumerate(frames(language, split)):
            question = _ask(frame, relation, name, language)
            pictured = _ask(frame, relation, _pictured(kind, language, index), language)
            yield Fact(question, pictured, answer, keyword, split, language)


def _ask(frame: str, relation: str, subject: str, language: str) -> str:
    forms = table("facts.yaml")["relations"][relation][language][:-1]
    return framed(frame, [text.format(x=subject) for text in forms])


def _pictured(kind: Kind, language: str, index: int) -> str:
    words = table("facts.yaml")["pictured"][kind][language]
    return words if isinstance(words, str) else words[index % len(words)]


def _translate(value: str, language: str) -> str:
    if language == "en" or value not in table("facts.yaml")["values"]:
        return value
    spanish, russian = table("facts.yaml")["values"][value]
    return str(spanish if language == "es" else russian)
