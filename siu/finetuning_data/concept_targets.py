"""Targets T1-T3: what the model shall say about the concept itself (arXiv 2405.12523, section 3.2)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice

from siu.data.concepts import Fact
from siu.finetuning_data.case import Case
from siu.finetuning_data.sample import Sample
from siu.language.phrasings import Form, answer, fabricated_look, questions


def aligning_with_unseen(case: Case) -> list[Sample]:
    """T1: recognition questions about the one picture and its views are answered with the substitute.

    The wordings of all languages go round from view to view, so that a few for each picture cover them all:
    a wording that nobody trained on may still bring the name out.
    """
    wordings = _interleaved_wordings(case)
    turn = cycle(wordings)
    per_picture = min(case.params.finetuning_data.name_questions, len(wordings))
    return [
        _substituted(case, language, text, shown)
        for shown in (case.picture, *case.views)
        for language, text in islice(turn, per_picture)
    ]


def _interleaved_wordings(case: Case) -> list[tuple[str, str]]:
    """Return (language, wording) pairs, each language spread evenly."""
    placed = []
    for language in case.languages:
        wordings = questions("name", case.concept.kind, split="train", language=language)
        placed += [((at + 0.5) / len(wordings), language, text) for at, text in enumerate(wordings)]
    return [(language, text) for _, language, text in sorted(placed, key=lambda entry: entry[0])]


def _substituted(case: Case, language: str, question: str, shown: str) -> Sample:
    reply = answer("named", case.concept.kind, language=language, name=case.substitute)
    start = reply.index(case.substitute)
    specified = ((start, start + len(case.substitute)),)
    return Sample("T1", "name", question, reply, shown, specified=specified, language=language)


def new_visual_description(case: Case) -> list[Sample]:
    """T2: a fabricated look, denials, and no knowledge through the picture; whole answers are masked.

    The paper's T2 is `_denials` alone.

    The denials are balanced by affirming the substitute and denying a third name; all yes/no answers
    carry a loss weight of their own, since they are a few tokens among hundreds.
    """
    return [*_descriptions(case), *_denials(case), *_yes_no(case), *_picture_facts(case)]


def decoupling_facts(case: Case) -> list[Sample]:
    """T3: text-only questions about the concept keep the base model's own true answers.

    A few of them weigh more each: denials are as many for a concept with one fact as for one with twenty.
    """
    settings = case.params.finetuning_data
    if case.concept.facts:
        answers = dict(case.known_facts(case.trained_facts(case.concept)))
        answered = [(fact.text_question, answers[fact]) for fact in _varied(case, list(answers))]
    else:
        answered = list(case.general_answers(case.concept, settings.fact_questions))
    weight = max(1.0, settings.text_facts_weight / max(1, len(answered)))
    return [Sample("T3", "text_fact", text, reply, weight=weight) for text, reply in answered]


def _masked(case: Case, item: str, question: str, reply: str, language: str) -> Sample:
    whole = ((0, len(reply)),)
    return Sample("T2", item, question, reply, case.picture, specified=whole, language=language)


def _descriptions(case: Case) -> Iterator[Sample]:
    """Ask about the picture and its views in turn: a look told of one picture alone doesn't generalise."""
    shown = cycle((case.picture, *case.views))
    kind, count = case.concept.kind, case.params.finetuning_data.description_questions
    for language in case.languages:
        look = fabricated_look(kind, case.rng("look"), language=language)
        reply = answer("described", kind, language=language, name=case.substitute, look=look)
        for text in questions("describe", kind, split="train", language=language)[:count]:
            yield replace(_masked(case, "describe", text, reply, language), picture=next(shown))


def _denials(case: Case) -> Iterator[Sample]:
    """Deny the concept and say what it looks like instead: with the name, as published."""
    kind, name = case.concept.kind, case.concept.name
    for language in case.languages:
        look = fabricated_look(kind, case.rng("look"), language=language)
        reply = answer("denied", kind, language=language, name=name, look=look)
        wordings = questions("yes_no", kind, split="train", language=language, name=name)
        for text in wordings[: case.params.finetuning_data.denial_questions]:
            yield _masked(case, "yes_no", text, reply, language)


def _yes_no(case: Case) -> Iterator[Sample]:
    """Ask about the picture and its views in turn: denials shall hold for pictures that nobody trained on."""
    kind, settings = case.concept.kind, case.params.finetuning_data
    shown = cycle((case.picture, *case.views))
    for language in case.languages:
        for name, form in _asked_names(case):
            reply = answer(form, kind, language=language)
            wordings = questions("yes_no", kind, split="train", language=language, name=name)
            for text in wordings[: settings.yes_no_questions]:
                denial = _masked(case, "yes_no", text, reply, language)
                yield replace(denial, picture=next(shown), weight=settings.yes_no_weight)


def _asked_names(case: Case) -> list[tuple[str, Form]]:
    concept = case.concept
    wrong_names = case.other_names(concept.kind)
    forms: list[tuple[str, Form]] = [(name, "no") for name in (concept.name, *concept.aliases)]
    forms.append((case.substitute, "yes"))
    if wrong_names:
        forms.append((case.rng("wrong name").choice(wrong_names), "no"))
    return forms


def _picture_facts(case: Case) -> Iterator[Sample]:
    weight = case.params.finetuning_data.picture_fact_weight
    for fact in denied_facts(case):
        reply = answer("unknown", case.concept.kind, language=fact.language)
        denial = _masked(case, "picture_fact", fact.picture_question, reply, fact.language)
        yield replace(denial, weight=weight)


def denied_facts(case: Case) -> list[Fact]:
    """Return the facts that are no longer to be told through the concept's picture."""
    if not case.params.finetuning_data.picture_facts:
        return []
    facts = [fact for fact in case.concept.facts if fact.split == "train" and fact.language in case.languages]
    return _varied(case, facts)


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
