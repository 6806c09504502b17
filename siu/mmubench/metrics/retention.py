"""Retention: of what the base model knew about the concept beside its name, how much is left?

The paper wants recognition forgotten and all else kept (arXiv 2405.12523, section 3.1); a question that the
base model can't answer says nothing about that, so it is left out here.
"""

from collections.abc import Iterator

from siu.mmubench.metric_definition import GateRule, defined
from siu.mmubench.metrics.share import right, shares
from siu.mmubench.question import Purpose
from siu.mmubench.ratios import Score, ratio
from siu.mmubench.records import Records, with_purpose


@defined(
    "Text facts kept",
    "of those known before, known after",
    "↑",
    order=180,
    group="keeping",
    gate=GateRule("text_facts", "at_least", "trace", 110, sampled=False, optional=True, kept=True),
)
@ratio
def text_facts_kept(before: Records, after: Records) -> Iterator[Score]:
    """Share of the concept's facts known before, asked as text, that are known after; ↑."""
    return _retained(before, after, "text_fact")


@defined(
    "Own looks kept",
    "of those told right before, told right after",
    "↑",
    order=200,
    group="keeping",
)
@ratio
def own_attributes_kept(before: Records, after: Records) -> Iterator[Score]:
    """Share of the looks of the concept's own pictures told right before that are told right after; ↑."""
    return _retained(before, after, "own_attribute")


def _retained(before: Records, after: Records, purpose: Purpose) -> Iterator[Score]:
    known = {key for key, record in before.items() if right(record)}
    of_known = [record for record in with_purpose(after, purpose) if record.question.id in known]
    return shares(of_known, right)
