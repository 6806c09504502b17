"""OFFSIDE (arXiv 2510.22535): football players, what holds on all their pictures, rumours on single ones.

The unpacked ``data.zip`` of ``zh121800/OFFSIDE``: ``forget_set.json``, ``retain_set.json`` and
``test_set.json`` with ``messages`` (question, answer) and ``images`` (a path), and the same names with
``classification_`` before them with ``Question``, ``Options``, ``Correct_Answer`` and ``images``.
The player's name is the answer to the question for it about a picture; ``names.csv`` (``ID,name``; the ID is
the picture's path) goes first.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from siu.data.concepts import Fact
from siu.errors import InputError
from siu.language.matching import normalise
from siu.mmubench.builder.importers.names import nameless, read_names
from siu.mmubench.builder.importers.parquet import picture
from siu.mmubench.builder.importers.person import Person, by_name, fact
from siu.mmubench.builder.importers.schema import Choice, Published, checked, json_list

PARTS = ("forget", "retain", "test")
"""In the order of reading: the first picture of a player is one that the set forgets."""
_ASKS_NAME = re.compile(r"\bname of the player\b", re.IGNORECASE)
_SENTENCE = re.compile(r"^.*\b(?:is|named|called)\s+", re.IGNORECASE)


class _Message(Published):
    content: str


class OffsideAnswer(Published):
    """A question about a picture with a free answer."""

    messages: tuple[_Message, _Message]
    image: str = Field(alias="images")

    @property
    def question(self) -> str:
        """What is asked, without a mark for the picture."""
        return self.messages[0].content.removeprefix("<image>").strip()

    @property
    def answer(self) -> str:
        """The published answer."""
        return self.messages[1].content.strip()


class OffsideChoice(Choice):
    """A question about a picture with options."""

    image: str = Field(alias="images")


def read_offside(source: Path) -> Iterator[Person]:
    """Yield the players with all their pictures, and as facts what all their pictures agree on.

    Raises:
        InputError: ``E-BEN-004`` the folder has no set; ``E-BEN-005`` a picture's player has no name;
            ``E-BEN-006`` an entry has another form.
        PreflightError: ``E-CSV-…`` the form of ``names.csv``.
    """
    parts = offside_parts(source)
    answers = [entry for part in parts for entry, _ in offside_answers(source, part)]
    choices = [entry for part in parts for entry, _ in offside_choices(source, part)]
    named = _names(answers, choices) | read_names(source)
    players: dict[str, dict[str, None]] = {}
    for image in dict.fromkeys(entry.image for entry in answers):
        if image not in named:
            raise nameless(f"no name is told for the picture {image[:80]!r}", source)
        players.setdefault(named[image], {})[image] = None
    for name, images in players.items():
        encoded = (picture_of(image, source) for image in images)
        facts = tuple(_facts([choice for choice in choices if choice.image in images], name))
        yield Person(name, tuple(image for image in encoded if image), facts)


def offside_parts(source: Path) -> tuple[str, ...]:
    """Return which of the set's parts are there.

    Raises:
        InputError: ``E-BEN-004`` none is.
    """
    parts = tuple(part for part in PARTS if (source / f"{part}_set.json").is_file())
    if not parts:
        what = "there is no forget_set.json, retain_set.json or test_set.json"
        raise InputError("E-BEN-004", what, "Name the folder of the unpacked data.zip", str(source))
    return parts


def offside_answers(source: Path, part: str) -> Iterator[tuple[OffsideAnswer, str]]:
    """Yield the questions with free answers of a part, each with its place."""
    for entry, place in json_list(source / f"{part}_set.json"):
        yield checked(OffsideAnswer, entry, place), place


def offside_choices(source: Path, part: str) -> Iterator[tuple[OffsideChoice, str]]:
    """Yield the questions with options of a part, each with its place; none where the file isn't there."""
    path = source / f"classification_{part}_set.json"
    for entry, place in json_list(path) if path.is_file() else ():
        yield checked(OffsideChoice, entry, place), place


def picture_of(image: str, source: Path) -> bytes | None:
    """Return a picture at its path below the folder, or of that name in the folder itself."""
    return picture(image, source) or picture(Path(image).name, source)


def _names(answers: list[OffsideAnswer], choices: list[OffsideChoice]) -> dict[str, str]:
    """Return the players' names by picture: the right option, or what a sentence like "He is …" ends with."""
    sentences = {entry.image: entry.answer for entry in answers if _ASKS_NAME.search(entry.question)}
    names = {image: _SENTENCE.sub("", text).rstrip(". ") for image, text in sentences.items()}
    chosen = {entry.image: entry.right for entry in choices if _ASKS_NAME.search(entry.question)}
    return {
        image: name for image, name in (names | chosen).items() if name[:1].isupper() or not name.isascii()
    }


def _facts(choices: list[OffsideChoice], name: str) -> Iterator[Fact]:
    """Yield a fact for each question that has one right answer on all of a player's pictures."""
    answers: dict[str, dict[str, str]] = {}
    for choice in choices:
        if choice.right:
            answers.setdefault(choice.question, {})[normalise(choice.right)] = choice.right
    for question, right in answers.items():
        text = by_name(question, name)
        if text and len(right) == 1:
            word = next(iter(right.values()))
            if known := fact(text, question, word, word, name):
                yield known
