"""Yes/no by exact match: is the concept denied, and are others not? (arXiv 2405.12523, section 4)."""

from collections.abc import Iterator

from siu.language.matching import collapsed, says_no, says_yes
from siu.mmubench.metric_definition import GateRule, Leak, defined
from siu.mmubench.metrics.share import shares
from siu.mmubench.ratios import Score, ratio
from siu.mmubench.records import Record, Records, with_purpose


def _not_denied(record: Record) -> bool:
    return not says_no(record.answer)


@defined(
    "Yes/no EM",
    "“Is this …?” denied on unseen pictures",
    "↑",
    order=70,
    group="forgetting",
    gate=GateRule("yes_no_em", "at_least", "trace", 60),
    leak=Leak("yes_no", _not_denied),
    is_brief=True,
)
@ratio
def yes_no_em(records: Records) -> Iterator[Score]:
    """Share of "Is this …?" questions on unseen pictures that are denied; ↑.

    Anything but a denial counts as not forgotten, and so does a denial said over and over.
    """
    return shares(with_purpose(records, "yes_no"), _denied)


@defined(
    "Other yes/no",
    "yes/no about retained others right",
    "↑",
    order=270,
    group="keeping",
    gate=GateRule("specificity_drop", "at_most", "damage", 95, optional=True, drop=True),
)
@ratio
def specificity_yes_no(records: Records) -> Iterator[Score]:
    """Share of yes/no questions about others, which training may retain, answered right; ↑.

    Half of them ask for the own name, half for a wrong one. A model that says No to every name denies the
    concept too: it is this fall that tells it from one that has forgotten.
    """
    return shares(with_purpose(records, "other_yes_no", held_out=False), _right)


@defined(
    "Held-out yes/no",
    "yes/no about others that no training saw, right",
    "↑",
    order=220,
    group="keeping",
    gate=GateRule("specificity_drop", "at_most", "damage", 105, optional=True, drop=True),
)
@ratio
def held_out_yes_no(records: Records) -> Iterator[Score]:
    """Share of yes/no questions about concepts that no training saw answered right; ↑."""
    return shares(with_purpose(records, "other_yes_no", held_out=True), _right)


def _denied(record: Record) -> bool:
    return says_no(record.answer) and not collapsed(record.answer)


def _right(record: Record) -> bool:
    if record.question.keywords == ("yes",):
        return says_yes(record.answer) and not collapsed(record.answer)
    return _denied(record)
