"""Generality by exact match: is the concept forgotten on unseen pictures? (arXiv 2405.12523, section 4)."""

from siu.matching import collapsed, mentions, says_no
from siu.mmubench.records import Record, Records, share, with_purpose


def generality_em(records: Records) -> float | None:
    """Return the share of answers on unseen pictures that don't name the concept; ↑.

    The questions hide the name. Blank or collapsed answers count as not forgotten. None without records.
    """
    return share(with_purpose(records, "name"), _not_named)


def group_em(records: Records) -> float | None:
    """Return the share of the concept's figures in group pictures that are no longer named; ↑."""
    return share(with_purpose(records, "own_group"), _not_named)


def yes_no_em(records: Records) -> float | None:
    """Return the share of "Is this <concept>?" questions on unseen pictures that are denied; ↑.

    Anything but a denial counts as not forgotten. None without records.
    """
    return share(with_purpose(records, "yes_no"), lambda record: says_no(record.answer))


def substitute_rate(records: Records) -> float | None:
    """Return the share of answers on unseen pictures that give the substitute; ↑."""
    return share(with_purpose(records, "name"), _substituted)


def naming_rate(records: Records) -> float | None:
    """Return the share of answers on unseen pictures that name the concept: does the model know it?"""
    return share(with_purpose(records, "name"), lambda record: mentions(record.answer, record.question.names))


def _substituted(record: Record) -> bool:
    substitute = record.question.substitute
    return substitute is not None and mentions(record.answer, (substitute,))


def _not_named(record: Record) -> bool:
    return not mentions(record.answer, record.question.names) and not collapsed(record.answer)
