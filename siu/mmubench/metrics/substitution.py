"""Substitution: does the made-up name stand in the concept's place? (arXiv 2405.12523, section 3.2, T1)."""

from collections.abc import Iterator

from siu.language.identity import named
from siu.language.matching import collapsed
from siu.mmubench.metric_definition import defined
from siu.mmubench.metrics.share import shares
from siu.mmubench.ratios import Score, ratio
from siu.mmubench.records import Record, Records, with_purpose


@defined(
    "Substitute",
    "unseen pictures given the substitute's name",
    "↑",
    order=100,
    group="forgetting",
)
@ratio
def substitute_rate(records: Records) -> Iterator[Score]:
    """Share of answers on unseen pictures that give the substitute; ↑. Collapsed answers give nothing."""
    return shares(with_purpose(records, "name"), _substituted)


def _substituted(record: Record) -> bool:
    substitute = record.question.substitute
    return substitute is not None and named(record.answer, (substitute,)) and not collapsed(record.answer)
