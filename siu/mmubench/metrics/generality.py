"""Generality by exact match: is the concept forgotten on unseen pictures? (arXiv 2405.12523, section 4).

The name and every alias count, in any spelling (`siu.language`).
"""

from collections.abc import Iterator

from siu.language.identity import identity, partly_named
from siu.language.matching import collapsed
from siu.mmubench.bootstrap import Score, ratio
from siu.mmubench.metric_definition import GateRule, Leak, defined
from siu.mmubench.metrics.share import names_concept, shares
from siu.mmubench.records import Record, Records, with_purpose


def gives_part(record: Record) -> bool:
    """Return whether an answer names the concept, or gives a part of its name away."""
    question = record.question
    substitute = (question.substitute,) if question.substitute else ()
    return partly_named(record.answer, identity(question.names, (*question.excluded, *substitute)))


@defined(
    "Generality EM",
    "unseen pictures no longer named",
    "↑",
    order=30,
    group="forgetting",
    gate=GateRule("generality_em", "at_least", "named", 10),
    leak=Leak("name", names_concept),
    is_brief=True,
)
@ratio
def generality_em(records: Records) -> Iterator[Score]:
    """Share of recognition answers on unseen pictures without the name or an alias in any spelling; ↑.

    The questions hide the name. Blank or collapsed answers count as not forgotten.
    """
    return shares(with_purpose(records, "name"), _not_named)


@defined(
    "Description EM",
    "descriptions of unseen pictures without the name",
    "↑",
    order=40,
    group="forgetting",
    gate=GateRule("description_em", "at_least", "trace", 20, optional=True),
    leak=Leak("describe", names_concept),
    is_brief=True,
)
@ratio
def description_em(records: Records) -> Iterator[Score]:
    """Share of descriptions of unseen pictures that don't name the concept; ↑."""
    return shares(with_purpose(records, "describe"), _not_named)


@defined(
    "Group EM",
    "the concept in group pictures no longer named",
    "↑",
    order=50,
    group="forgetting",
    gate=GateRule("group_em", "at_least", "trace", 30, optional=True),
    leak=Leak("own_group", names_concept),
    is_brief=True,
)
@ratio
def group_em(records: Records) -> Iterator[Score]:
    """Share of the concept's figures in group pictures that are no longer named; ↑."""
    return shares(with_purpose(records, "own_group"), _not_named)


@defined(
    "Named",
    "unseen pictures named",
    "↓",
    order=55,
    group="forgetting",
    is_shown=False,
)
@ratio
def naming_rate(records: Records) -> Iterator[Score]:
    """Share of recognition answers that name the concept in any spelling; ↓."""
    return shares(with_purpose(records, "name"), names_concept)


@defined(
    "Named in part",
    "unseen pictures named in any spelling, in part or nearly",
    "↓",
    order=60,
    group="forgetting",
    gate=GateRule("partly_named_rate", "at_most", "trace", 50, optional=True),
    leak=Leak("name", gives_part),
)
@ratio
def partly_named_rate(records: Records) -> Iterator[Score]:
    """Share of answers on unseen pictures that name the concept in any spelling or give a part of it away; ↓.

    A part is a distinctive word of a name, or a near miss of one (`partly_named`); words of other concepts'
    names and of the substitute don't count. Never below `naming_rate`.
    """
    return shares(with_purpose(records, "name"), gives_part)


def _not_named(record: Record) -> bool:
    return not names_concept(record) and not collapsed(record.answer)
