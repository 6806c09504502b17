"""Fluency: are the answers still language? (MMUBench, arXiv 2405.12523, section 4)."""

import math

from siu.mmubench.records import Records, with_purpose


def fluency(records: Records) -> float | None:
    """Return the mean perplexity of the answers about the concept's unseen pictures; ↓.

    exp(-1/T sum_t log P(w_t)) per answer, P by the base model, with P = 1/|V| for the concept's name (the
    paper's mask) and for the substitute, which stands in its place; a name counts as one token, however many
    pieces spell it. A blank answer gives infinity. None without records.
    """
    values = [_perplexity(record.reference_log_probs) for record in with_purpose(records, "name")]
    return sum(values) / len(values) if values else None


def _perplexity(log_probs: tuple[float, ...]) -> float:
    return math.exp(-sum(log_probs) / len(log_probs)) if log_probs else math.inf
