"""Target T4: what must stay (arXiv 2405.12523, section 3.2).

The paper's T4 is text about other concepts. Ours adds their pictures where the collection has some: names,
looks, facts and balanced yes/no questions, and strangers that must stay strangers. Pictures that show the
concept to be forgotten or one that is held out (`siu.finetuning_data.held_out`) are never used.

T2 teaches that "Do you know where this person lives?" is answered with "I do not know this person." What no
other picture answers in the same words is learned as a question that nobody is known for. So pictures of the
concept's kind answer the very questions that its own no longer does.
"""

import random
from collections.abc import Iterator
from itertools import cycle, islice

from siu.data.concepts import SIDES, Concept, Fact, Kind, Picture
from siu.finetuning_data.case import Case
from siu.finetuning_data.concept_targets import denied_facts
from siu.finetuning_data.sample import Sample
from siu.language.phrasings import Form, Purpose, answer, questions

OWN_NAME = 2
"""How often a retained picture is asked for its own name: three other names are denied beside it."""
GROUP_WORDINGS = 2
"""Wordings per figure of a group picture: there are few such pictures, and they suffer most."""


def preserving(case: Case) -> list[Sample]:
    """T4: samples about retained concepts, strangers, look-alikes and group pictures."""
    rng = case.rng("preserving")
    retained = [concept for concept in case.collection.concepts if concept.id not in case.untouched]
    rng.shuffle(retained)
    retained = retained[: case.params.finetuning_data.retained_concepts]
    if not case.params.finetuning_data.retained_pictures:
        return [*_text_facts(case, retained, rng), *_general_text(case, retained)]
    denied = cycle(fact.picture_question for fact in denied_facts(case))
    samples = [sample for concept in retained for sample in _of_concept(case, concept, denied, rng)]
    samples += _text_facts(case, retained, rng)
    samples += _descriptions(case, retained, rng)
    samples += [sample for picture in _strangers(case) for sample in _of_stranger(case, picture, rng)]
    samples += [sample for picture in _groups(case) for sample in _of_group(case, picture, rng)]
    return samples


def _of_concept(case: Case, concept: Concept, denied: Iterator[str], rng: random.Random) -> Iterator[Sample]:
    settings = case.params.finetuning_data
    count, weight = settings.retained_picture_facts, settings.retained_picture_fact_weight
    facts = case.trained_facts(concept)
    by_question = {fact.picture_question: fact for fact in facts}
    for picture in case.collection.pictures_of(concept.id, split="train"):
        if not case.untouched.isdisjoint(picture.concepts):
            continue
        yield _recognition(case, rng, picture, "named", name=concept.name)
        yield from _yes_no(case, concept.name, picture, rng)
        for question in rng.sample(picture.questions, min(2, len(picture.questions))):
            yield _retained_sample("attribute", question.question, question.answer, picture)
        shared = islice(denied, count) if concept.kind == case.concept.kind else ()
        alike = [by_question[question] for question in shared if question in by_question]
        for fact in dict.fromkeys([*alike, *rng.sample(facts, min(count, len(facts)))]):
            yield _retained_sample("picture_fact", fact.picture_question, fact.answer, picture, weight)


def _recognition(case: Case, rng: random.Random, picture: Picture, form: Form, **fields: str) -> Sample:
    weight = case.params.finetuning_data.retained_name_weight
    return _retained_sample(
        "name", *_exchange(case, rng, "name", form, picture.kind, **fields), picture, weight
    )


def _yes_no(case: Case, own_name: str | None, picture: Picture, rng: random.Random) -> Iterator[Sample]:
    wrong_names = case.other_names(picture.kind, beside=own_name)
    forms: list[tuple[str, Form]] = [(case.concept.name, "no"), (case.substitute, "no")]
    if own_name is not None:
        forms += [(own_name, "yes")] * OWN_NAME
    if wrong_names:
        forms.append((rng.choice(wrong_names), "no"))
    for name, form in forms:
        weight = case.params.finetuning_data.retained_yes_no_weight
        yield _retained_sample(
            "yes_no", *_exchange(case, rng, "yes_no", form, picture.kind, name=name), picture, weight
        )


def _text_facts(case: Case, retained: list[Concept], rng: random.Random) -> list[Sample]:
    facts: dict[Fact, str] = {}
    count = case.params.finetuning_data.retained_facts
    for concept in retained:
        trained = case.trained_facts(concept)
        facts |= dict.fromkeys(rng.sample(trained, min(count, len(trained))), concept.id)
    return [
        Sample("T4", "text_fact", fact.text_question, reply, about=(facts[fact],))
        for fact, reply in case.known_facts(list(facts))
    ]


def _general_text(case: Case, retained: list[Concept]) -> list[Sample]:
    """Return text about concepts without facts, for data in which text is all that is retained."""
    count = case.params.finetuning_data.retained_facts
    return [
        Sample("T4", "text_fact", text, reply, about=(concept.id,))
        for concept in retained
        if not concept.facts
        for text, reply in case.general_answers(concept, count)
    ]


def _descriptions(case: Case, retained: list[Concept], rng: random.Random) -> list[Sample]:
    pictures = [
        picture
        for concept in retained
        for picture in case.collection.pictures_of(concept.id, split="train")[:1]
        if case.untouched.isdisjoint(picture.concepts)
    ]
    wordings = [
        rng.choice(questions("describe", picture.kind, split="train", language=rng.choice(case.languages)))
        for picture in pictures
    ]
    replies = case.base_answers(
        [(text, picture.digest) for text, picture in zip(wordings, pictures, strict=True)]
    )
    return [
        _retained_sample("describe", text, reply, picture)
        for text, reply, picture in zip(wordings, replies, pictures, strict=True)
        if reply
    ]


def _strangers(case: Case) -> tuple[Picture, ...]:
    strangers = case.collection.pictures_of(role="stranger", split="train")
    held_out = case.untouched - {case.concept.id}
    look_alikes = [
        picture
        for picture in case.collection.pictures_of(role="look_alike", split="train")
        if picture.resembles not in held_out
    ]
    return (*strangers[: case.params.finetuning_data.strangers], *look_alikes)


def _of_stranger(case: Case, picture: Picture, rng: random.Random) -> Iterator[Sample]:
    yield _recognition(case, rng, picture, "unknown")
    if picture.kind == case.concept.kind:
        yield from _yes_no(case, None, picture, rng)
    for question in rng.sample(picture.questions, min(1, len(picture.questions))):
        yield _retained_sample("attribute", question.question, question.answer, picture)


def _groups(case: Case) -> list[Picture]:
    groups = case.collection.pictures_of(role="group", split="train")
    return [picture for picture in groups if case.untouched.isdisjoint(picture.concepts)]


def _of_group(case: Case, picture: Picture, rng: random.Random) -> Iterator[Sample]:
    for side, concept_id in zip(SIDES, picture.concepts, strict=True):
        name = case.collection.concept(concept_id).name
        for _ in range(GROUP_WORDINGS):
            exchange = _exchange(case, rng, "group", "named", picture.kind, side=side, name=name)
            yield _retained_sample("group", *exchange, picture)


def _exchange(
    case: Case, rng: random.Random, purpose: Purpose, form: Form, kind: Kind, **fields: str
) -> tuple[str, str]:
    """Return a question and its answer in one of the languages, every second time in the first."""
    first, *further = case.languages
    language = rng.choice([*[first] * max(1, len(further)), *further])
    wordings = questions(purpose, kind, split="train", language=language, **fields)
    return rng.choice(wordings), answer(form, kind, language=language, **fields)


def _retained_sample(item: str, question: str, reply: str, picture: Picture, weight: float = 1.0) -> Sample:
    return Sample("T4", item, question, reply, picture.digest, weight=weight, about=picture.concepts)
