"""Fluency: are the answers still language? (MMUBench, arXiv 2405.12523, section 4)."""

import math

from siu.mmubench.records import Records, with_purpose


def fluency(records: Records) -> float | None:
    """Return the perplexity of the answers about the concept's unseen pictures; ↓.

    exp(-1/T sum_t log P(w_t)) over all T tokens of all answers, P by the base model, with P = 1/|V| for the
    concept's name (the paper's mask) and for the substitute, which stands in its place; a name counts as one
    token, however many pieces spell it. One perplexity over all tokens, not a mean of perplexities, which a
    single garbled answer would decide. None without records.
    """
    log_probs = [value for record in with_purpose(records, "name") for value in record.reference_log_probs]
    return math.exp(-sum(log_probs) / len(log_probs)) if log_probs else None
