"""Refusals: does the model decline to say what it sees? (after PO in arXiv 2401.06121 and 2405.12523).

On the concept's pictures a refusal is no leak, but it tells that something was hidden; on all others it is
damage: a model that refuses everything forgets everything.
"""

from collections.abc import Iterator

from siu.language.refusals import refuses
from siu.mmubench.metric_definition import defined
from siu.mmubench.metrics.share import shares
from siu.mmubench.ratios import Score, ratio
from siu.mmubench.records import Record, Records, with_purpose


@defined(
    "Refusals",
    "unseen pictures that the model declines to name",
    "",
    order=120,
    group="forgetting",
)
@ratio
def refusal_rate(records: Records) -> Iterator[Score]:
    """Share of recognition answers on unseen pictures of the concept that decline to say.

    Blank is no refusal. "I do not know this person", "I can't identify people" and the like: the wordings of
    `siu/language/refusals.yaml`.
    """
    return shares(with_purpose(records, "name"), _refused)


@defined(
    "Other refusals",
    "known answers about others that are refused",
    "↓",
    order=330,
    group="keeping",
)
@ratio
def other_refusal_rate(records: Records) -> Iterator[Score]:
    """Share of questions about other concepts that are refused though the answer is known; ↓."""
    retained = with_purpose(
        records, "other_name", "other_attribute", "other_fact", "other_text_fact", "group"
    )
    return shares(retained, _refused)


def _refused(record: Record) -> bool:
    return refuses(record.answer)
