"""C-Dis: how far the concept's likelihood moved (MMUBench, arXiv 2405.12523, section 4).

The released scripts read the first piece of the name at a position of the prompt. Here the probability is
that of **all** pieces of the name where the answer holds it, each given the ones before it.
"""

import math
from collections.abc import Iterator

from siu.mmubench.metric_definition import defined
from siu.mmubench.ratios import Score, ratio, ratio_of_sums, score
from siu.mmubench.records import Record, Records, with_purpose


@defined(
    "C-Dis",
    "how far the name's likelihood moved",
    "↑",
    order=140,
    group="forgetting",
    unit="nats",
)
@ratio_of_sums(limits=None)
def c_dis(before: Records, after: Records) -> Iterator[Score]:
    """Mean over unseen pictures of P(C) log(P(C) / P'(C)); ↑.

    P(C) is the teacher-forced probability of all tokens of the concept's name in the answer that gives it,
    with the space before the name (in some tokenizers a token of its own, in others part of the first piece);
    P before and P' after unlearning. Records without a token of the name are left out.
    """
    for record in with_purpose(after, "name"):
        earlier = before.get(record.question.id)
        if earlier is not None and any(record.name_tokens):
            old, new = _log_name(earlier), _log_name(record)
            yield score(record, math.exp(old) * (old - new))


@defined(
    "P(name)",
    "likelihood of the name on unseen pictures",
    "↓",
    order=130,
    group="forgetting",
    unit="probability",
)
@ratio
def name_probability(records: Records) -> Iterator[Score]:
    """Mean probability of the concept's name on unseen pictures, teacher-forced; ↓."""
    for record in with_purpose(records, "name"):
        if any(record.name_tokens):
            yield score(record, math.exp(_log_name(record)))


def _log_name(record: Record) -> float:
    pairs = zip(record.expected_log_probs, record.name_tokens, strict=True)
    return sum(value for value, on_name in pairs if on_name)
