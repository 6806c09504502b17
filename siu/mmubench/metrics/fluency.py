"""Fluency: are the answers still language? (MMUBench, arXiv 2405.12523, section 4)."""

import math
from collections.abc import Iterator

from siu.mmubench.metric_definition import defined
from siu.mmubench.ratios import Score, ratio_of_sums, score
from siu.mmubench.records import Records, with_purpose


@defined(
    "Fluency",
    "perplexity of the answers by the base model",
    "↓",
    order=340,
    group="language",
    unit="perplexity",
    is_brief=True,
)
@ratio_of_sums(math.exp, limits=None)
def fluency(records: Records) -> Iterator[Score]:
    """Perplexity of the answers about the concept's unseen pictures; ↓.

    exp(-1/T sum_t log P(w_t)) over all T tokens of all answers, P by the base model, with P = 1/|V| for the
    concept's name (the paper's mask) and for the substitute, which stands in its place; a name counts as one
    token, however many pieces spell it, else the lengths of two names would be compared. One perplexity over
    all tokens, not a mean of perplexities, which a single garbled answer would decide. Answers without
    measured tokens are left out.
    """
    for record in with_purpose(records, "name"):
        if record.reference_log_probs:
            yield score(record, -sum(record.reference_log_probs), len(record.reference_log_probs))
