"""Questions about the concept that is to be forgotten, on pictures and wordings that were not trained on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from siu.config.params import EvaluationParams
from siu.data.collection import Collection
from siu.data.concepts import Concept, Fact, Picture, WordingPurpose
from siu.language.identity import Identity, named
from siu.language.phrasings import answer, questions
from siu.mmubench.question import Purpose, Question

if TYPE_CHECKING:
    from siu.finetuning_data import FinetuningData

Item = TypeVar("Item")
_YES_NO_PER_PICTURE = 1
_FACTS_PER_PICTURE = 1
_ATTRIBUTES_PER_PICTURE = 1


def concept_questions(
    collection: Collection, concept: Concept, data: "FinetuningData", picture: str, params: EvaluationParams
) -> tuple[Question, ...]:
    """Return the questions that measure whether one concept is forgotten.

    Args:
        collection: Holds the concept's unseen pictures, look-alikes, groups and strangers, if there are any.
        concept: The concept.
        data: Its fine-tuning data; efficacy asks the training picture's questions again.
        picture: Digest of the training picture.
        params: How many pictures and wordings.
    """
    unseen = unseen_questions(collection, concept, params, data.substitute)
    return tuple(dict.fromkeys((*_efficacy(data, concept, picture), *unseen)))


def unseen_questions(
    collection: Collection, concept: Concept, params: EvaluationParams, substitute: str | None = None
) -> tuple[Question, ...]:
    """Return those of the questions that need nothing of the training: all but efficacy.

    Args:
        collection: As in `concept_questions`.
        concept: The concept.
        params: How many pictures and wordings.
        substitute: The name given instead; None where it is not known, fluency then reads it as any word.
    """
    pictures = collection.pictures_of(concept.id)[: params.pictures]
    all_questions = (
        *_names(concept, pictures, substitute, params),
        *_yes_no(concept, pictures),
        *_descriptions(concept, pictures, substitute),
        *_facts_through_pictures(concept, pictures),
        *_text_facts(concept),
        *_attributes(concept, pictures),
        *_strangers(collection, concept, params),
        *_groups(collection, concept, substitute),
    )
    excluded = tuple(sorted(_identity(collection, concept).excluded))
    return tuple(dict.fromkeys(replace(question, excluded=excluded) for question in all_questions))


def _identity(collection: Collection, concept: Concept) -> Identity:
    neighbours = [neighbour for neighbour in collection.concepts if neighbour.id != concept.id]
    names = [name for neighbour in neighbours for name in (neighbour.name, *neighbour.aliases)]
    return Identity.among((concept.name, *concept.aliases), names)


def measured_facts(concept: Concept) -> tuple[Fact, ...]:
    """Return the facts in wordings that were not trained on; all facts where no such wording exists."""
    return tuple(fact for fact in concept.facts if fact.split == "test") or concept.facts


def _efficacy(data: "FinetuningData", concept: Concept, picture: str) -> Iterator[Question]:
    """Ask all of T2 about the one picture, whichever view taught it, and of T1 what was asked about it.

    A denial may be taught with the name, as the paper's T2 is: there the name gives nothing away.
    """
    for sample in data.samples:
        if sample.target == "T2" or (sample.target == "T1" and sample.picture == picture):
            names, desired = data.names, sample.answer.rstrip(".。")
            if sample.item in ("name", "describe"):
                desired = data.substitute
            elif named(sample.answer, names):
                names, desired = (), answer("no", concept.kind, language=sample.language).rstrip(".。")
            yield Question(
                "efficacy",
                sample.question,
                sample.answer,
                (desired,),
                concept.id,
                picture,
                names,
                data.substitute,
            )


def _names(
    concept: Concept, pictures: tuple[Picture, ...], substitute: str | None, params: EvaluationParams
) -> Iterator[Question]:
    wordings = _wordings(concept, "name")
    for index, picture in enumerate(pictures):
        for text in _turn(wordings, index, params.questions_per_picture):
            yield _about(concept, "name", text, _named(concept), picture, substitute=substitute)


def _yes_no(concept: Concept, pictures: tuple[Picture, ...]) -> Iterator[Question]:
    wordings = _wordings(concept, "yes_no")
    for index, picture in enumerate(pictures):
        for text in _turn(wordings, index, _YES_NO_PER_PICTURE):
            yield _about(concept, "yes_no", text, answer("yes", concept.kind), picture)


def _descriptions(
    concept: Concept, pictures: tuple[Picture, ...], substitute: str | None
) -> Iterator[Question]:
    wordings = _wordings(concept, "describe")
    for index, picture in enumerate(pictures):
        for text in _turn(wordings, index, 1):
            yield _about(concept, "describe", text, _named(concept), picture, substitute=substitute)


def _wordings(concept: Concept, purpose: WordingPurpose) -> tuple[str, ...]:
    specific = tuple(wording.text for wording in concept.wordings if wording.purpose == purpose)
    name = {"name": concept.name} if purpose == "yes_no" else {}
    return specific or questions(purpose, concept.kind, split="test", **name)


def _facts_through_pictures(concept: Concept, pictures: tuple[Picture, ...]) -> Iterator[Question]:
    facts = tuple(fact for fact in measured_facts(concept) if fact.language == "en")
    for index, picture in enumerate(pictures):
        for fact in _turn(facts, index * _FACTS_PER_PICTURE, _FACTS_PER_PICTURE):
            yield _about(
                concept, "picture_fact", fact.picture_question, fact.answer, picture, (fact.keyword,)
            )


def _text_facts(concept: Concept) -> Iterator[Question]:
    for fact in measured_facts(concept):
        yield _about(concept, "text_fact", fact.text_question, fact.answer, None, (fact.keyword,))


def _attributes(concept: Concept, pictures: tuple[Picture, ...]) -> Iterator[Question]:
    for index, picture in enumerate(pictures):
        for question in _turn(picture.questions, index, _ATTRIBUTES_PER_PICTURE):
            yield _about(
                concept, "own_attribute", question.question, question.answer, picture, (question.keyword,)
            )


def _strangers(collection: Collection, concept: Concept, params: EvaluationParams) -> Iterator[Question]:
    strangers = [
        picture for picture in collection.pictures_of(role="stranger") if picture.kind == concept.kind
    ]
    wordings = questions("name", concept.kind, split="test")
    for index, picture in enumerate(strangers[: params.pictures]):
        for text in _turn(wordings, index, 1):
            yield _about(concept, "stranger_as_concept", text, _named(concept), picture)


def _groups(collection: Collection, concept: Concept, substitute: str | None) -> Iterator[Question]:
    for picture in collection.pictures_of(concept.id, role="group"):
        side = picture.side_of(concept.id)
        for text in islice(questions("group", concept.kind, split="test", side=side), 1):
            yield _about(concept, "own_group", text, _named(concept), picture, substitute=substitute)


def _named(concept: Concept) -> str:
    return answer("named", concept.kind, name=concept.name)


def _about(
    concept: Concept,
    purpose: Purpose,
    text: str,
    expected: str,
    picture: Picture | None,
    keywords: tuple[str, ...] = (),
    substitute: str | None = None,
) -> Question:
    digest = picture.digest if picture else None
    names = (concept.name, *concept.aliases)
    return Question(purpose, text, expected, keywords, concept.id, digest, names, substitute)


def _turn(items: Sequence[Item], start: int, count: int) -> list[Item]:
    """Return ``count`` items from ``start`` on, going round, each at most once."""
    return [items[(start + offset) % len(items)] for offset in range(min(count, len(items)))]
