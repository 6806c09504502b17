"""The share of records that are right: what most metrics are."""

import sys
from collections.abc import Callable, Iterable, Iterator

from siu.language.identity import named
from siu.language.matching import collapsed, mentions
from siu.mmubench.question import Purpose
from siu.mmubench.ratios import Metric, Score, ratio, score
from siu.mmubench.records import Record, Records, with_purpose

_ASKED_FOR_NAMES: tuple[Purpose, ...] = ("other_name", "group")
"""Of what is kept, the questions that a name answers."""


def shares(records: Iterable[Record], is_right: Callable[[Record], bool]) -> Iterator[Score]:
    """Yield 1 for each record that is right and 0 for each other one."""
    return (score(record, float(is_right(record))) for record in records)


def share_of(
    name: str,
    purpose: Purpose,
    is_right: Callable[[Record], bool],
    text: str,
    define: Callable[[Metric[Records]], Metric[Records]],
    *,
    held_out: bool | None = None,
) -> Metric[Records]:
    """Return the metric of every scorecard that is a share of the answers to questions of one purpose.

    Args:
        name: Its name in scorecards: that of the variable it is assigned to.
        purpose: The questions.
        is_right: Whether an answer counts.
        text: The definition in the documentation.
        define: What `siu.mmubench.metric_definition.defined` returns for it.
        held_out: Only questions about concepts that no training saw, or only the others; None for both.
    """

    def scores(records: Records) -> Iterator[Score]:
        return shares(with_purpose(records, purpose, held_out=held_out), is_right)

    scores.__name__ = scores.__qualname__ = name
    scores.__doc__ = text
    scores.__module__ = sys._getframe(1).f_globals["__name__"]  # the registry asks whose it is
    return define(ratio(scores))


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
