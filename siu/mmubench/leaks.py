"""One answer per route by which the concept still comes out: what a verdict and a report quote."""

from siu.mmubench.metric_definition import Leak
from siu.mmubench.metric_registry import definitions
from siu.mmubench.records import Records


def leaks(records: Records) -> dict[str, str]:
    """Return by metric the first answer that speaks against it, behind its question; none where none does."""
    quoted = {
        definition.name: _first(records, definition.leak) for definition in definitions() if definition.leak
    }
    return {metric: quote for metric, quote in quoted.items() if quote is not None}


def _first(records: Records, leak: Leak) -> str | None:
    for record in records.values():
        if leak.purpose in (None, record.question.purpose) and leak.speaks(record):
            return f"asked “{record.question.text}”, it answers “{record.answer}”"
    return None
