"""Generality by exact match: is the concept forgotten on unseen pictures? (arXiv 2405.12523, section 4).

The name and every alias count, in any spelling (`siu.language`).
"""

from siu.language.identity import identity, partly_named
from siu.language.matching import collapsed
from siu.mmubench.metric_definition import GateRule, Leak, defined
from siu.mmubench.metrics.share import names_concept, share_of
from siu.mmubench.records import Record


def gives_part(record: Record) -> bool:
    """Return whether an answer names the concept, or gives a part of its name away."""
    question = record.question
    substitute = (question.substitute,) if question.substitute else ()
    return partly_named(record.answer, identity(question.names, (*question.excluded, *substitute)))


def _not_named(record: Record) -> bool:
    return not names_concept(record) and not collapsed(record.answer)


generality_em = share_of(
    "generality_em",
    "name",
    _not_named,
    "Share of recognition answers on unseen pictures without the name or an alias in any "
    "spelling; ↑. The questions hide the name. Blank or collapsed answers count as not forgotten.",
    defined(
        "Generality EM",
        "unseen pictures no longer named",
        "↑",
        order=30,
        group="forgetting",
        gate=GateRule("generality_em", "at_least", "named", 10),
        leak=Leak("name", names_concept),
        is_brief=True,
    ),
)

description_em = share_of(
    "description_em",
    "describe",
    _not_named,
    "Share of descriptions of unseen pictures that don't name the concept; ↑.",
    defined(
        "Description EM",
        "descriptions of unseen pictures without the name",
        "↑",
        order=40,
        group="forgetting",
        gate=GateRule("description_em", "at_least", "trace", 20, optional=True),
        leak=Leak("describe", names_concept),
        is_brief=True,
    ),
)

group_em = share_of(
    "group_em",
    "own_group",
    _not_named,
    "Share of the concept's figures in group pictures that are no longer named; ↑.",
    defined(
        "Group EM",
        "the concept in group pictures no longer named",
        "↑",
        order=50,
        group="forgetting",
        gate=GateRule("group_em", "at_least", "trace", 30, optional=True),
        leak=Leak("own_group", names_concept),
        is_brief=True,
    ),
)

naming_rate = share_of(
    "naming_rate",
    "name",
    names_concept,
    "Share of recognition answers that name the concept in any spelling; ↓.",
    defined(
        "Named",
        "unseen pictures named",
        "↓",
        order=55,
        group="forgetting",
        is_shown=False,
    ),
)

partly_named_rate = share_of(
    "partly_named_rate",
    "name",
    gives_part,
    "Share of answers on unseen pictures that name the concept in any spelling or give a part of "
    "it away; ↓. A part is a distinctive word of a name, or a near miss of one (`partly_named`); "
    "words of other concepts' names and of the substitute don't count. Never below `naming_rate`.",
    defined(
        "Named in part",
        "unseen pictures named in any spelling, in part or nearly",
        "↓",
        order=60,
        group="forgetting",
        gate=GateRule("partly_named_rate", "at_most", "trace", 50, optional=True),
        leak=Leak("name", gives_part),
    ),
)
