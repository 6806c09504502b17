"""Diversity: does the model still use words? (MMUBench, arXiv 2405.12523, section 4)."""

from siu.matching import normalise
from siu.mmubench.records import Records


def diversity(records: Records) -> float | None:
    """Return the share of unique words over all answers of a concept's questions; ↑.

    None without records; 0 if no answer holds a word.
    """
    if not records:
        return None
    words = [word for record in records.values() for word in normalise(record.answer).split()]
    return len(set(words)) / len(words) if words else 0.0
