"""T1 and T4 in composites: the substitute on the concept's side, the base model's own answer on the other."""

from collections.abc import Iterator, Sequence
from typing import Final

from siu.finetuning_data.case import Case
from siu.finetuning_data.composites import Composite
from siu.finetuning_data.sample import Sample
from siu.language.identity import named
from siu.language.phrasings import answer, questions
from siu.storage.digest import file_digest

ITEM: Final = "group"


def aligning_in_company(case: Case, composites: Sequence[Composite]) -> list[Sample]:
    """T1: who is on the concept's side is answered with the substitute, once in each language."""
    return [sample for index, made in enumerate(composites) for sample in _samples_of(case, index, made)]


def _samples_of(case: Case, index: int, made: Composite) -> Iterator[Sample]:
    kind = case.concept.kind
    for language in case.languages:
        wordings = questions(ITEM, kind, split="train", language=language, side=made.side)
        reply = answer("named", kind, language=language, name=case.substitute)
        start = reply.index(case.substitute)
        specified = ((start, start + len(case.substitute)),)
        text, digest = wordings[index % len(wordings)], file_digest(made.path)
        yield Sample("T1", ITEM, text, reply, digest, specified=specified, language=language)


def preserving_company(case: Case, composites: Sequence[Composite]) -> list[Sample]:
    """T4: who is on the other side keeps the base model's answer, unless that is the concept's name."""
    alternatives: list[tuple[str, str | None]] = []
    for index, made in enumerate(composites):
        wordings = questions(ITEM, case.concept.kind, split="train", side=made.other_side)
        alternatives.append((wordings[index % len(wordings)], file_digest(made.path)))
    names = (case.concept.name, *case.concept.aliases)
    return [
        Sample("T4", ITEM, text, reply, digest, about=made.beside)
        for made, (text, digest), reply in zip(
            composites, alternatives, case.base_answers(alternatives), strict=True
        )
        if reply and not named(reply, names)
    ]
