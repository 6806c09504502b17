"""Questions that tell whether the base model knows a concept by more than its answers: put to it alone."""

import random
from collections.abc import Iterator

from siu.data.collection import Collection
from siu.data.concepts import Concept
from siu.language.phrasings import answer, questions
from siu.mmubench.question import Question

PICTURES = 12
NAMES = 9
"""Other names that a concept's own is held against, where the collection has as many."""


def knowledge_questions(collection: Collection, concept: Concept) -> tuple[Question, ...]:
    """Return questions about unseen pictures of the concept with its own name and with others'.

    For each picture: how likely "This is <name>." is for the concept's name and others' (of its kind, where
    there are any), and whether another's name is affirmed. None without unseen pictures or other concepts.

    Args:
        collection: Holds the pictures and the other concepts.
        concept: The concept.
    """
    neighbours = [neighbour for neighbour in collection.concepts if neighbour.id != concept.id]
    alike = [neighbour for neighbour in neighbours if neighbour.kind == concept.kind] or neighbours
    rng = random.Random(f"knowledge:{concept.id}")
    compared = rng.sample(alike, min(NAMES, len(alike)))
    if not compared:
        return ()
    listed: list[Question] = []
    for index, picture in enumerate(collection.pictures_of(concept.id)[:PICTURES]):
        listed += _likelihoods(concept, compared, picture.digest)
        listed.append(_wrong_name(concept, compared[index % len(compared)], picture.digest))
    return tuple(listed)


def _likelihoods(concept: Concept, compared: list[Concept], picture: str) -> Iterator[Question]:
    text = questions("name", concept.kind, split="test")[0]
    for named in (concept, *compared):
        expected = answer("named", concept.kind, name=named.name)
        names = (named.name, *named.aliases)
        yield Question("name_rank", text, expected, (), named.id, picture, names)


def _wrong_name(concept: Concept, neighbour: Concept, picture: str) -> Question:
    text = questions("yes_no", concept.kind, split="test", name=neighbour.name)[0]
    return Question("false_yes_no", text, answer("no", concept.kind), ("no",), concept.id, picture)
