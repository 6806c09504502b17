"""One person of a data set, and how people become a folder of one's own."""

import re
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageOps

from siu.data.concepts import Concept, Fact, Kind, Split
from siu.data.images import image_digest, load_image, save_clean_png
from siu.data.intake.names import clean_name
from siu.errors import InputError
from siu.language.identity import named
from siu.language.matching import mentions
from siu.mmubench.builder.tables import REQUESTS, Row, write_csv, write_tables

_SHOWN = re.compile(
    r"\b(?:the|this) (?:person|individual|man|woman|figure|player)"
    r"(?: (?:shown |depicted |featured |seen )?in (?:the|this) (?:image|picture|photo|photograph))?",
    re.IGNORECASE,
)
MIRRORED = "mirrored"


@dataclass(frozen=True)
class Person:
    """What a data set tells about one person, or about another thing that it asks to forget.

    Attributes:
        name: Display name.
        pictures: Encoded pictures; the first is the data set's own training picture.
        facts: What is known, asked as text and through the picture.
        kind: What it is.
        forgotten: The data set asks to forget it, as a whole.
    """

    name: str
    pictures: tuple[bytes, ...]
    facts: tuple[Fact, ...] = ()
    kind: Kind = "person"
    forgotten: bool = False


@dataclass(frozen=True)
class Imported:
    """What an import gave.

    Attributes:
        people: How many people or things.
        pictures: How many pictures of them, mirrored ones included.
        mirrored: How many people have one picture only, so that its mirror image is the one to test on.
        left_out: Why people or pictures were left out, one sentence each.
        requests: For how many ``requests.csv`` asks: those that the data set asks to forget.
    """

    people: int
    pictures: int
    mirrored: int
    left_out: tuple[str, ...]
    requests: int = 0


def by_name(question: str, name: str) -> str | None:
    """Return a question about "this person" with the name in its place; None if it doesn't say so."""
    text, count = _SHOWN.subn(lambda match: name, question, count=1)
    return text if count else None


def fact(
    text_question: str, picture_question: str, answer: str, keyword: str, name: str, split: Split = "train"
) -> Fact | None:
    """Return a fact; None if the picture's question tells the name or the answer lacks the keyword."""
    text, picture, sentence, word = (
        " ".join(part.split()) for part in (text_question, picture_question, answer, keyword)
    )
    if not word or not mentions(sentence, (word,)) or named(picture, (name,)):
        return None
    return Fact(text, picture, sentence, word, split)


def write_people(people: Iterable[Person], folder: Path) -> Imported:
    """Write people as concepts with ``train`` and ``test`` pictures, facts and tables.

    Where the data set asks to forget some of them, ``requests.csv`` does so, in its order.

    Raises:
        InputError: ``E-BEN-001`` the place is taken.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("E-BEN-001", "the place is taken", "Remove it, or name another one", str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
    left_out: list[str] = []
    concepts, requests, pictures, mirrored, seen = [], list[Row](), 0, 0, set[str]()
    try:
        for number, person in enumerate(people, start=1):
            concept_id = f"{person.kind[0]}-{number:04}"
            count, alone = _write_pictures(person, concept_id, partial, seen, left_out)
            if count:
                concept = Concept(
                    concept_id, clean_name(person.name, concept_id), person.kind, (), person.facts
                )
                concepts.append(concept)
                pictures, mirrored = pictures + count, mirrored + alone
                if person.forgotten:
                    image = f"pictures/{concept_id}/train/{0:03}.png"
                    requests.append((f"r-{len(requests):03}", concept.name, concept.kind, image))
        if not concepts:
            what = "nobody can be imported: " + "; ".join(left_out[:3])
            raise InputError("E-BEN-004", what, "Check that this is the data set's folder", str(folder))
        write_tables(partial, concepts)
        write_csv(partial / "requests.csv", REQUESTS, requests)
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Imported(len(concepts), pictures, mirrored, tuple(left_out), len(requests))


def _write_pictures(
    person: Person, concept_id: str, folder: Path, seen: set[str], left_out: list[str]
) -> tuple[int, bool]:
    """Write a person's pictures; return how many, and whether one is the mirror image of the only one."""
    shelf = folder / "pictures" / concept_id
    (shelf / "train").mkdir(parents=True)
    images = []
    for data in person.pictures:
        raw = shelf / "raw"
        raw.write_bytes(data)
        try:
            image = load_image(raw)
        except InputError as error:
            left_out.append(f"{concept_id}: a picture is left out: {error.what}")
            continue
        finally:
            raw.unlink()
        if image_digest(image) not in seen:
            seen.add(image_digest(image))
            images.append(image)
    alone = len(images) == 1
    if alone:
        images.append(ImageOps.mirror(images[0]))
    for index, image in enumerate(images):
        path = shelf / ("test" if index else "train") / f"{index:03}{MIRRORED * (alone and index)}.png"
        path.parent.mkdir(exist_ok=True)
        save_clean_png(image, path)
    if not images:
        shutil.rmtree(shelf)
        left_out.append(f"{concept_id}: no usable picture")
    return len(images), alone
