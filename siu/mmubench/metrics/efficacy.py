"""Efficacy: is the training picture forgotten? (MMUBench, arXiv 2405.12523, section 4)."""

from siu.matching import collapsed, mentions
from siu.mmubench.records import Record, Records, share, with_purpose


def efficacy(records: Records) -> float | None:
    """Return the share of the training picture's questions that are answered as desired; ↑.

    Recognition and description questions must give the substitute and never the concept, yes/no and fact
    questions the trained answer. None without records.
    """
    return share(with_purpose(records, "efficacy"), _as_desired)


def _as_desired(record: Record) -> bool:
    question = record.question
    return (
        mentions(record.answer, question.keywords)
        and not mentions(record.answer, question.names)
        and not collapsed(record.answer)
    )
