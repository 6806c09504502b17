"""One answer per route by which the concept still comes out: what a verdict and a report quote."""

from collections.abc import Callable

from siu.language.identity import named
from siu.language.matching import says_no
from siu.mmubench.metrics.garbled import is_garbled
from siu.mmubench.metrics.generality import gives_part
from siu.mmubench.metrics.share import right
from siu.mmubench.question import Purpose
from siu.mmubench.records import Record, Records


def _named(record: Record) -> bool:
    return named(record.answer, record.question.names)


def _not_denied(record: Record) -> bool:
    return not says_no(record.answer)


_ROUTES: dict[str, tuple[Purpose | None, Callable[[Record], bool]]] = {
    "generality_em": ("name", _named),
    "description_em": ("describe", _named),
    "group_em": ("own_group", _named),
    "training_picture_em": ("efficacy", _named),
    "partly_named_rate": ("name", gives_part),
    "yes_no_em": ("yes_no", _not_denied),
    "picture_facts": ("picture_fact", right),
    "garbled_rate": (None, is_garbled),
}
"""Metric to the questions it reads (None: all) and what makes an answer speak against it."""


def leaks(records: Records) -> dict[str, str]:
    """Return by metric the first answer that speaks against it, behind its question; none where none does."""
    return {
        metric: f"asked “{record.question.text}”, it answers “{record.answer}”"
        for metric, record in leaking_records(records).items()
    }


def leaking_records(records: Records) -> dict[str, Record]:
    """Return the records that `leaks` quotes: each has the picture's digest in its question."""
    quoted: dict[str, Record] = {}
    for metric, (purpose, is_leak) in _ROUTES.items():
        for record in records.values():
            if purpose in (None, record.question.purpose) and is_leak(record):
                quoted[metric] = record
                break
    return quoted


def gives_away(record: Record) -> bool:
    """Return whether an answer about the concept gives it away, by any route that its question belongs to."""
    return any(
        purpose == record.question.purpose and is_leak(record) for purpose, is_leak in _ROUTES.values()
    )
