"""The share of records that are right: what most metrics are."""

from collections.abc import Callable, Iterable, Iterator

from siu.matching import collapsed, mentions
from siu.mmubench.bootstrap import Score, ratio, score
from siu.mmubench.question import Purpose
from siu.mmubench.records import Record, Records, with_purpose


def shares(records: Iterable[Record], is_right: Callable[[Record], bool]) -> Iterator[Score]:
    """Yield 1 for each record that is right and 0 for each other one."""
    return (score(record, float(is_right(record))) for record in records)


@ratio
def accuracy(records: Records, *purposes: Purpose) -> Iterator[Score]:
    """Share of answers to questions of these purposes that are right; ↑."""
    return shares(with_purpose(records, *purposes), right)


def right(record: Record) -> bool:
    """Return whether the answer mentions a keyword, as whole words, and is no collapsed output."""
    return mentions(record.answer, record.question.keywords) and not collapsed(record.answer)
