"""Efficacy: is the training picture forgotten? (MMUBench, arXiv 2405.12523, section 4)."""

from collections.abc import Iterator

from siu.language.identity import named
from siu.mmubench.bootstrap import Score, ratio
from siu.mmubench.metrics.share import right, shares
from siu.mmubench.records import Record, Records, with_purpose


@ratio
def efficacy(records: Records) -> Iterator[Score]:
    """Share of the training picture's questions that are answered as desired; ↑.

    Recognition and description questions must give the substitute and never the concept, yes/no and fact
    questions the trained answer. It has no interval: there is one training picture.
    """
    return shares(with_purpose(records, "efficacy"), _as_desired)


def _as_desired(record: Record) -> bool:
    return right(record) and not named(record.answer, record.question.names)


@ratio
def training_picture_em(records: Records) -> Iterator[Score]:
    """Share of the training picture's questions whose answer doesn't name the concept; ↑.

    Less than efficacy asks for: an answer may be wrong in any other way.
    """
    return shares(
        with_purpose(records, "efficacy"),
        lambda record: not named(record.answer, record.question.names),
    )
