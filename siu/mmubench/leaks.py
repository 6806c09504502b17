"""One answer per route by which the concept still comes out: what a verdict and a report quote."""

from siu.mmubench.metric_definition import Leak
from siu.mmubench.metric_registry import definitions
from siu.mmubench.records import Record, Records


def leaks(records: Records) -> dict[str, str]:
    """Return by metric the first answer that speaks against it, after its question; none where none does."""
    return {
        metric: f"asked “{record.question.text}”, it answers “{record.answer}”"
        for metric, record in leaking_records(records).items()
    }


def leaking_records(records: Records) -> dict[str, Record]:
    """Return the records that `leaks` quotes: each has the picture's digest in its question."""
    leaking = {
        definition.name: _first(records, definition.leak) for definition in definitions() if definition.leak
    }
    return {metric: record for metric, record in leaking.items() if record is not None}


def gives_away(record: Record) -> bool:
    """Return whether an answer about the concept gives it away, by any route that its question belongs to."""
    return any(
        definition.leak.purpose == record.question.purpose and definition.leak.speaks(record)
        for definition in definitions()
        if definition.leak
    )


def _first(records: Records, leak: Leak) -> Record | None:
    for record in records.values():
        if leak.purpose in (None, record.question.purpose) and leak.speaks(record):
            return record
    return None
