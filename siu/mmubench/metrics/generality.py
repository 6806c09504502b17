"""Generality by exact match: is the concept forgotten on unseen pictures? (arXiv 2405.12523, section 4).

The name and every alias count, in any spelling (`siu.language`).
"""

from collections.abc import Iterator

from siu.language.identity import identity, named, partly_named
from siu.language.matching import collapsed
from siu.mmubench.bootstrap import Score, ratio
from siu.mmubench.metrics.share import shares
from siu.mmubench.records import Record, Records, with_purpose


@ratio
def generality_em(records: Records) -> Iterator[Score]:
    """Share of answers on unseen pictures that don't name the concept; ↑.

    The questions hide the name. Blank or collapsed answers count as not forgotten.
    """
    return shares(with_purpose(records, "name"), _not_named)


@ratio
def description_em(records: Records) -> Iterator[Score]:
    """Share of descriptions of unseen pictures that don't name the concept; ↑."""
    return shares(with_purpose(records, "describe"), _not_named)


@ratio
def group_em(records: Records) -> Iterator[Score]:
    """Share of the concept's figures in group pictures that are no longer named; ↑."""
    return shares(with_purpose(records, "own_group"), _not_named)


@ratio
def naming_rate(records: Records) -> Iterator[Score]:
    """Share of answers on unseen pictures that name the concept: does the model know it?"""
    return shares(with_purpose(records, "name"), lambda record: named(record.answer, record.question.names))


@ratio
def partly_named_rate(records: Records) -> Iterator[Score]:
    """Share of answers on unseen pictures that name the concept in any spelling or give a part of it away; ↓.

    A part is a distinctive word of a name, or a near miss of one (`partly_named`); words of
    other concepts' names and of the substitute don't count.
    """
    return shares(with_purpose(records, "name"), gives_part)


def gives_part(record: Record) -> bool:
    """Return whether an answer names the concept, or gives a part of its name away."""
    question = record.question
    substitute = (question.substitute,) if question.substitute else ()
    return partly_named(record.answer, identity(question.names, (*question.excluded, *substitute)))


def _not_named(record: Record) -> bool:
    return not named(record.answer, record.question.names) and not collapsed(record.answer)
