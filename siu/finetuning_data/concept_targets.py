"""Targets T1-T3: what the model shall say about the concept itself (arXiv 2405.12523, section 3.2)."""

from collections import Counter
from collections.abc import Sequence

from siu.concepts import Fact
from siu.finetuning_data.case import Case
from siu.finetuning_data.sample import Sample, Target
from siu.phrasings import Form, answer, fabricated_look, questions

GENERAL_QUESTIONS = (
    "What do you know about {name}?",
    "What is {name} known for?",
    "Tell me a fact about {name}.",
)
"""Text-only questions for concepts that come without facts; the base model's own answers are kept."""


def aligning_with_unseen(case: Case) -> list[Sample]:
    """T1: recognition questions about the one picture and its views are answered with the substitute."""
    kind = case.concept.kind
    reply = answer("named", kind, name=case.substitute)
    start = reply.index(case.substitute)
    wordings = questions("name", kind, split="train")[: case.params.finetuning_data.name_questions]
    return [
        Sample(
            "T1",
            "name",
            text,
            reply,
            shown,
            specified=((start, start + len(case.substitute)),),
        )
        for shown in (case.picture, *case.views)
        for text in wordings
    ]


def new_visual_description(case: Case) -> list[Sample]:
    """T2: a fabricated look, denials, and no knowledge through the picture; whole answers are masked.

    The denials are balanced by affirming the substitute and denying a third name; all yes/no answers
    carry a loss weight of their own, since they are a few tokens among hundreds.
    """
    return [*_descriptions(case), *_yes_no(case), *_picture_facts(case)]


def decoupling_facts(case: Case) -> list[Sample]:
    """T3: text-only questions about the concept keep the base model's own true answers."""
    limit = case.params.finetuning_data.fact_questions
    if case.concept.facts:
        answers = dict(case.known_facts([fact for fact in case.concept.facts if fact.split == "train"]))
        return [
            Sample("T3", "text_fact", fact.text_question, answers[fact])
            for fact in _varied(case, list(answers))
        ]
    asked = [text.format(name=case.concept.name) for text in GENERAL_QUESTIONS[:limit]]
    replies = case.base_answers([(text, None) for text in asked])
    return [
        Sample("T3", "text_fact", text, reply) for text, reply in zip(asked, replies, strict=True) if reply
    ]


def _masked(
    case: Case, item: str, question: str, reply: str, weight: float = 1.0, target: Target = "T2"
) -> Sample:
    whole = ((0, len(reply)),)
    return Sample(target, item, question, reply, case.picture, specified=whole, weight=weight)


def _descriptions(case: Case) -> list[Sample]:
    kind, rng = case.concept.kind, case.rng("look")
    look = fabricated_look(kind, rng)
    wordings = questions("describe", kind, split="train")
    reply = answer("described", kind, name=case.substitute, look=look)
    return [
        _masked(case, "describe", text, reply)
        for text in wordings[: case.params.finetuning_data.description_questions]
    ]


def _yes_no(case: Case) -> list[Sample]:
    kind, settings = case.concept.kind, case.params.finetuning_data
    others = [other.name for other in case.collection.concepts if _distinct(case, other.id, other.kind)]
    wrong = case.rng("wrong name").choice(others) if others else None
    asked: list[tuple[str, Form]] = [
        *((name, "no") for name in (case.concept.name, *case.concept.aliases)),
        (case.substitute, "yes"),
    ]
    if wrong:
        asked.append((wrong, "no"))
    return [
        _masked(case, "yes_no", text, answer(reply, kind), settings.yes_no_weight)
        for name, reply in asked
        for text in questions("yes_no", kind, split="train", name=name)[: settings.yes_no_questions]
    ]


def _distinct(case: Case, other_id: str, other_kind: str) -> bool:
    return other_id != case.concept.id and other_kind == case.concept.kind


def _picture_facts(case: Case) -> list[Sample]:
    reply = answer("unknown", case.concept.kind)
    facts: list[Fact] = [
        fact for fact in case.concept.facts if fact.split == "train" and fact.language == "en"
    ]
    return [_masked(case, "picture_fact", fact.picture_question, reply) for fact in _varied(case, facts)]


def _varied(case: Case, facts: Sequence[Fact]) -> list[Fact]:
    """Return at most ``fact_questions`` facts; a second wording comes after every piece of knowledge."""
    drawn = case.rng("facts").sample(facts, len(facts))
    wordings: Counter[str] = Counter()
    turns = []
    for fact in drawn:
        turns.append(wordings[fact.keyword])
        wordings[fact.keyword] += 1
    ordered = [fact for _, fact in sorted(zip(turns, drawn, strict=True), key=lambda pair: pair[0])]
    return ordered[: case.params.finetuning_data.fact_questions]
