"""From the base model's records to what it knows of a concept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import fsum

from siu.data.concepts import Concept
from siu.language.identity import named
from siu.language.matching import says_yes
from siu.mmubench.knowledge.knowledge import Knowledge
from siu.mmubench.metrics import naming_rate, partly_named_rate
from siu.mmubench.records import Record, Records, with_purpose

QUOTED = 3
"""Answers that are quoted."""


def knowledge_of(records: Records, concept: Concept, neighbours: Iterable[Concept]) -> Knowledge:
    """Return what the base model knows of a concept.

    Args:
        records: Its records of `siu.mmubench.concept_questions` and `knowledge_questions`.
        concept: The concept.
        neighbours: The collection's other concepts.
    """
    ranks = _ranks(with_purpose(records, "name_rank"), concept.id)
    answers = Counter(record.answer for record in with_purpose(records, "name"))
    return Knowledge(
        naming_rate(records),
        partly_named_rate(records),
        _share([rank == 0 for rank, _ in ranks]),
        ranks[0][1] if ranks else 0,
        _share([says_yes(record.answer) for record in with_purpose(records, "yes_no")]),
        _share([says_yes(record.answer) for record in with_purpose(records, "false_yes_no")]),
        tuple(answers.most_common(QUOTED)),
        _picture_named(with_purpose(records, "efficacy"), concept, neighbours),
    )


def _ranks(records: Sequence[Record], concept: str) -> list[tuple[int, int]]:
    """Return for each picture how many names are likelier than the concept's, and how many there are."""
    pictures: dict[str | None, dict[str | None, float]] = {}
    for record in records:
        scores = pictures.setdefault(record.question.picture, {})
        scores[record.question.concept] = fsum(record.expected_log_probs)
    return [
        (sum(score > scores[concept] for score in scores.values()), len(scores))
        for scores in pictures.values()
    ]


def _picture_named(records: Sequence[Record], concept: Concept, neighbours: Iterable[Concept]) -> str:
    """Return which other concept's name the request's own picture is given; empty if none or its own is too.

    One slip is no name: it must come in at least two answers.
    """
    spellings = (concept.name, *concept.aliases)
    if any(named(record.answer, spellings) for record in records):
        return ""
    counts: Mapping[str, int] = Counter(
        neighbour.name
        for neighbour in neighbours
        for record in records
        if named(record.answer, (neighbour.name, *neighbour.aliases))
    )
    name, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
    return name if count >= 2 else ""


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None
