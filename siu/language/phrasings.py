"""How things are asked and answered: the one source of wordings for training and for measuring.

The wordings lie in ``phrasings.yaml``, the vocabulary of looks in ``looks.yaml``. A ``train`` wording may be
trained on; a ``test`` wording is only ever measured.
"""

import random
from functools import cache
from typing import Any, Literal

from siu.language.kinds import Kind, Split
from siu.packaged import packaged_yaml

Purpose = Literal["name", "describe", "yes_no", "group"]
Form = Literal["named", "described", "denied", "looks", "unknown", "yes", "no"]


def languages() -> tuple[str, ...]:
    """Return the languages that questions and answers exist in, as BCP 47 codes."""
    return tuple(_wordings())


def questions(
    purpose: Purpose, kind: Kind, *, split: Split, language: str = "en", **fields: str
) -> tuple[str, ...]:
    """Return the wordings of a question, in a fixed order.

    Args:
        purpose: What is asked for.
        kind: Kind of what the picture shows.
        split: ``train`` wordings may be trained on, ``test`` wordings are only measured.
        language: BCP 47 code, one of `languages`.
        fields: ``name`` for ``yes_no``; ``side`` ("left" or "right") for ``group``.

    Raises:
        ValueError: A field that the wordings need is missing, or the language is unknown.
    """
    tables = _language(language)
    kinds = tables["questions"][purpose]
    texts = (kinds.get(kind) or kinds["any"])[split]
    words = _words(tables, kind) | fields
    if "side" in words:
        words["side"] = tables["sides"][words["side"]]
    return tuple(_fill(text, words) for text in texts)


def answer(form: Form, kind: Kind, *, language: str = "en", **fields: str) -> str:
    """Return an answer.

    Args:
        form: ``named``, ``described`` (with name and look), ``denied`` (No, and a look that the name has
            instead), ``looks`` (a stranger's look), ``unknown``, ``yes`` or ``no``.
        kind: Kind of what the picture shows.
        language: BCP 47 code, one of `languages`.
        fields: ``name`` and ``look`` where the form needs them.

    Raises:
        ValueError: A field that the form needs is missing, or the language is unknown.
    """
    entry = _language(language)["answers"][form]
    return _fill(entry if isinstance(entry, str) else entry[kind], fields)


def fabricated_look(kind: Kind, rng: random.Random, *, language: str = "en") -> str:
    """Return a made-up look: "a person with red hair and a green coat".

    Args:
        kind: Kind of what is described.
        rng: Decides the values.
        language: BCP 47 code, one of `languages`.
    """
    vocabulary = looks(kind, language=language)
    values = {slot: rng.choice(sorted(vocabulary["values"][slot])) for slot in vocabulary["slots"]}
    return look(kind, values, language=language)


def look(kind: Kind, values: dict[str, str], *, language: str = "en") -> str:
    """Return a look in words.

    Args:
        kind: Kind of what is described.
        values: Value of each attribute; those the description does not mention are ignored.
        language: BCP 47 code, one of `languages`.
    """
    vocabulary = looks(kind, language=language)
    words = {slot: vocabulary["values"][slot][values[slot]] for slot in vocabulary["slots"]}
    return _fill(vocabulary["template"], words)


@cache
def looks(kind: Kind, *, language: str = "en") -> dict[str, Any]:
    """Return how a kind's looks are described.

    Returns:
        ``template`` with one field per slot, ``slots`` (the attributes named in it) and ``values``: for each
        slot the words of each value.
    """
    tables = _load("looks.yaml")
    entry = tables["kinds"][kind]
    values = {
        slot: {value: words[language] for value, words in tables["values"][of].items()}
        for slot, of in entry["slots"].items()
    }
    return {"template": entry["template"][language], "slots": tuple(entry["slots"]), "values": values}


def look_words(vocabulary: str) -> dict[str, dict[str, str]]:
    """Return the words of each value of a vocabulary such as ``colour``, by language."""
    words: dict[str, dict[str, str]] = _load("looks.yaml")["values"][vocabulary]
    return words


def _language(language: str) -> dict[str, Any]:
    if language not in languages():
        raise ValueError(f"language {language!r} is not one of {', '.join(languages())}")
    tables: dict[str, Any] = _wordings()[language]
    return tables


def _words(tables: dict[str, Any], kind: Kind) -> dict[str, str]:
    """Return a kind's words, and each also with a capital first letter under a capital key."""
    words: dict[str, str] = tables["words"][kind]
    return words | {key.capitalize(): word[0].upper() + word[1:] for key, word in words.items()}


def _fill(text: str, fields: dict[str, str]) -> str:
    try:
        return text.format_map(fields)
    except KeyError as error:
        raise ValueError(f"{text!r} needs the field {error.args[0]}") from error


def _wordings() -> dict[str, Any]:
    return _load("phrasings.yaml")


def _load(file: str) -> dict[str, Any]:
    tables: dict[str, Any] = packaged_yaml("siu.language", file)
    return tables
