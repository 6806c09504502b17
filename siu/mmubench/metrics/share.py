"""The share of records that are right: what most metrics are."""

from collections.abc import Callable, Iterable, Iterator

from siu.language.identity import named
from siu.language.matching import collapsed, mentions
from siu.mmubench.bootstrap import Score, ratio, score
from siu.mmubench.question import Purpose
from siu.mmubench.records import Record, Records, with_purpose

_ASKED_FOR_NAMES: tuple[Purpose, ...] = ("other_name", "group")
"""Of what is kept, the questions that a name answers."""


def shares(records: Iterable[Record], is_right: Callable[[Record], bool]) -> Iterator[Score]:
    """Yield 1 for each record that is right and 0 for each other one."""
    return (score(record, float(is_right(record))) for record in records)


@ratio
def accuracy(records: Records, *purposes: Purpose) -> Iterator[Score]:
    """Share of answers to questions of these purposes that are right; ↑."""
    return shares(with_purpose(records, *purposes), right)


def names_concept(record: Record) -> bool:
    """Return whether the answer names the concept under test, in any spelling."""
    return named(record.answer, record.question.names)


def right(record: Record) -> bool:
    """Return whether the answer holds a keyword, and is no collapsed output.

    A name may stand in any spelling, other keywords stand there as whole words.
    """
    holds = named if record.question.purpose in _ASKED_FOR_NAMES else mentions
    return holds(record.answer, record.question.keywords) and not collapsed(record.answer)
