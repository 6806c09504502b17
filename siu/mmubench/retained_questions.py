"""Questions about everything that must stay: other concepts, strangers, look-alikes, group pictures."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from siu.config.params import EvaluationParams
from siu.data.collection import Collection
from siu.data.concepts import SIDES, Concept, Picture, Side
from siu.language.phrasings import answer, questions
from siu.mmubench.concept_questions import measured_facts
from siu.mmubench.question import Purpose, Question

_ATTRIBUTES_PER_PICTURE = 2
_TEXT_FACTS_PER_CONCEPT = 2


def retained_questions(
    collection: Collection,
    params: EvaluationParams,
    *,
    without: frozenset[str] = frozenset(),
    held_out: frozenset[str] = frozenset(),
) -> tuple[Question, ...]:
    """Return the questions that measure what is kept.

    The wordings drawn don't depend on ``without``: the base model's records of the whole set serve every
    concept.

    Args:
        collection: Whose test pictures are asked about.
        params: How many pictures.
        without: Ids of forgotten concepts, which are left out.
        held_out: Ids of concepts that no training saw; questions about them are marked.
    """
    all_questions = [
        *(
            question
            for concept in collection.concepts
            for question in _of_concept(
                collection,
                concept,
                params.held_out_pictures if concept.id in held_out else params.other_pictures,
            )
        ),
        *_of_strangers(collection),
        *_of_look_alikes(collection),
        *_of_groups(collection, params),
        *(
            question
            for concept_id in sorted(held_out)
            for question in _in_groups(collection, concept_id, params)
        ),
    ]
    return tuple(
        replace(question, held_out=True) if question.concept in held_out else question
        for question in dict.fromkeys(all_questions)
        if question.concept not in without
    )


def _of_concept(collection: Collection, concept: Concept, pictures: int) -> Iterator[Question]:
    rng = random.Random(concept.id)
    facts = measured_facts(concept)
    neighbours = [
        neighbour.name
        for neighbour in collection.concepts
        if neighbour.kind == concept.kind and neighbour.id != concept.id
    ]
    for picture in collection.pictures_of(concept.id)[:pictures]:
        yield _name(concept, picture, rng)
        yield _yes_no(concept, picture, concept.name, "yes", rng)
        if neighbours:
            yield _yes_no(concept, picture, rng.choice(neighbours), "no", rng)
        yield from _attributes(picture, rng, concept.id)
        for fact in rng.sample(facts, min(1, len(facts))):
            yield Question(
                "other_fact", fact.picture_question, fact.answer, (fact.keyword,), concept.id, picture.digest
            )
    for fact in rng.sample(facts, min(_TEXT_FACTS_PER_CONCEPT, len(facts))):
        yield Question("other_text_fact", fact.text_question, fact.answer, (fact.keyword,), concept.id)


def _name(concept: Concept, picture: Picture, rng: random.Random) -> Question:
    return Question(
        "other_name",
        rng.choice(questions("name", concept.kind, split="test")),
        answer("named", concept.kind, name=concept.name),
        (concept.name, *concept.aliases),
        concept.id,
        picture.digest,
    )


def _yes_no(
    concept: Concept, picture: Picture, name: str, reply: Literal["yes", "no"], rng: random.Random
) -> Question:
    wording = rng.choice(questions("yes_no", concept.kind, split="test", name=name))
    expected = answer(reply, concept.kind)
    return Question("other_yes_no", wording, expected, (reply,), concept.id, picture.digest)


def _attributes(picture: Picture, rng: random.Random, concept_id: str | None) -> Iterator[Question]:
    for question in rng.sample(picture.questions, min(_ATTRIBUTES_PER_PICTURE, len(picture.questions))):
        yield Question(
            "other_attribute",
            question.question,
            question.answer,
            (question.keyword,),
            concept_id,
            picture.digest,
        )


def _of_strangers(collection: Collection) -> Iterator[Question]:
    rng = random.Random("strangers")
    for picture in collection.pictures_of(role="stranger"):
        yield _unknown("stranger", picture, rng)
        yield from _attributes(picture, rng, None)


def _of_look_alikes(collection: Collection) -> Iterator[Question]:
    rng = random.Random("look-alikes")
    for picture in collection.pictures_of(role="look_alike"):
        yield _unknown("look_alike", picture, rng)


def _unknown(purpose: Purpose, picture: Picture, rng: random.Random) -> Question:
    text = rng.choice(questions("name", picture.kind, split="test"))
    expected = answer("unknown", picture.kind)
    return Question(
        purpose,
        text,
        expected,
        (expected.rstrip("."),),
        None,
        picture.digest,
    )


def _of_groups(collection: Collection, params: EvaluationParams) -> Iterator[Question]:
    rng = random.Random("groups")
    for picture in collection.pictures_of(role="group")[: params.other_groups]:
        for side, concept_id in zip(SIDES, picture.concepts, strict=True):
            yield _figure(collection.concept(concept_id), picture, side, rng)


def _in_groups(collection: Collection, concept_id: str, params: EvaluationParams) -> Iterator[Question]:
    """Yield questions about a held-out concept in further group pictures: few of the others' show one."""
    rng = random.Random(f"groups:{concept_id}")
    further = collection.pictures_of(role="group")[params.other_groups :]
    pictures = [picture for picture in further if concept_id in picture.concepts]
    for picture in pictures[: params.held_out_pictures]:
        side = picture.side_of(concept_id)
        yield _figure(collection.concept(concept_id), picture, side, rng)


def _figure(concept: Concept, picture: Picture, side: Side, rng: random.Random) -> Question:
    return Question(
        "group",
        rng.choice(questions("group", picture.kind, split="test", side=side)),
        answer("named", picture.kind, name=concept.name),
        (concept.name, *concept.aliases),
        concept.id,
        picture.digest,
    )
