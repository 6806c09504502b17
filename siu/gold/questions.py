"""One question with several given answers: the true one, wrong names, and "I do not know".

Their likelihoods make a truth ratio and a distribution of answers, which can be compared between models.
"""

import random
from collections.abc import Iterator, Sequence

from siu.config.params import EvaluationParams
from siu.data.collection import Collection
from siu.data.concepts import SIDES, Concept
from siu.language.phrasings import answer, questions
from siu.mmubench.question import Purpose, Question

WRONG_NAMES = 5
"""As many wrong answers as TOFU has (arXiv 2401.06121, section 2.2.2), where the collection has them."""


def candidate_questions(
    collection: Collection, concept: Concept, params: EvaluationParams, *, without: Sequence[str]
) -> tuple[Question, ...]:
    """Return the questions about a concept's pictures, its look-alikes and its group pictures.

    The true answer about a look-alike is that it is unknown. Wrong names are those of other concepts of the
    kind, which both models know; about a look-alike the concept's own name is one of them.

    Args:
        collection: Concepts and pictures.
        concept: A concept that the gold model never saw.
        params: How many pictures.
        without: Ids of all concepts that the gold model never saw.
    """
    rng = random.Random(f"candidates:{concept.id}")
    known = [
        neighbour
        for neighbour in collection.concepts
        if neighbour.kind == concept.kind and neighbour.id not in without
    ]
    collected: list[Question] = []
    wordings = questions("name", concept.kind, split="test")
    unknown = answer("unknown", concept.kind)
    for index, picture in enumerate(collection.pictures_of(concept.id)[: params.pictures]):
        wrong = [unknown, *_names(known, rng)]
        text = wordings[index % len(wordings)]
        collected += _candidates("candidate", text, _named(concept), wrong, concept, picture.digest)
    for index, picture in enumerate(collection.pictures_of(concept.id, role="look_alike")):
        wrong = [_named(concept), *_names(known, rng)]
        text = wordings[index % len(wordings)]
        collected += _candidates("look_alike_candidate", text, unknown, wrong, concept, picture.digest)
    for picture in collection.pictures_of(concept.id, role="group"):
        for side, shown in zip(SIDES, picture.concepts, strict=True):
            if shown != concept.id and shown in without:
                continue
            figure = collection.concept(shown)
            further = [neighbour for neighbour in known if neighbour.id != shown]
            text = questions("group", concept.kind, split="test", side=side)[0]
            wrong = [unknown, *_names(further, rng)]
            collected += _candidates("group_candidate", text, _named(figure), wrong, concept, picture.digest)
    return tuple(dict.fromkeys(collected))


def _candidates(
    purpose: Purpose, text: str, true: str, wrong: Sequence[str], concept: Concept, picture: str
) -> Iterator[Question]:
    for answer_text in (true, *wrong):
        yield Question(purpose, text, answer_text, (true,), concept.id, picture)


def _names(concepts: Sequence[Concept], rng: random.Random) -> list[str]:
    return [_named(concept) for concept in rng.sample(concepts, min(WRONG_NAMES, len(concepts)))]


def _named(concept: Concept) -> str:
    return answer("named", concept.kind, name=concept.name)
