"""Fluency: are the answers still language? (MMUBench, arXiv 2405.12523, section 4)."""

import math
from collections.abc import Iterator

from siu.mmubench.bootstrap import Metric, Score, score
from siu.mmubench.records import Records, with_purpose


def _fluency(records: Records) -> Iterator[Score]:
    """Perplexity of the answers about the concept's unseen pictures; ↓.

    exp(-1/T sum_t log P(w_t)) over all T tokens of all answers, P by the base model, with P = 1/|V| for the
    concept's name (the paper's mask) and for the substitute, which stands in its place; a name counts as one
    token, however many pieces spell it. One perplexity over all tokens, not a mean of perplexities, which a
    single garbled answer would decide. Answers without measured tokens are left out.
    """
    for record in with_purpose(records, "name"):
        if record.reference_log_probs:
            yield score(record, -sum(record.reference_log_probs), len(record.reference_log_probs))


fluency = Metric(_fluency, math.exp, limits=None)
