"""Efficacy: is the training picture forgotten? (MMUBench, arXiv 2405.12523, section 4)."""

from collections.abc import Iterator

from siu.mmubench.metric_definition import GateRule, Leak, defined
from siu.mmubench.metrics.share import names_concept, right, shares
from siu.mmubench.ratios import Score, ratio
from siu.mmubench.records import Record, Records, with_purpose


@defined(
    "Efficacy",
    "training picture's questions answered as desired",
    "↑",
    order=10,
    group="forgetting",
    is_brief=True,
)
@ratio
def efficacy(records: Records) -> Iterator[Score]:
    """Share of the training picture's questions that are answered as trained; ↑.

    Recognition and description questions must give the substitute and never the concept, yes/no and fact
    questions the trained answer. It has no interval: there is one training picture.
    """
    return shares(with_purpose(records, "efficacy"), _as_desired)


def _as_desired(record: Record) -> bool:
    return right(record) and not names_concept(record)


@defined(
    "Training picture EM",
    "training picture's questions answered without the name",
    "↑",
    order=20,
    group="forgetting",
    gate=GateRule("training_picture_em", "at_least", "trace", 40, sampled=False, optional=True),
    leak=Leak("efficacy", names_concept),
)
@ratio
def training_picture_em(records: Records) -> Iterator[Score]:
    """Share of the training picture's questions whose answer doesn't name the concept; ↑.

    Less than efficacy asks for: an answer may be wrong in any other way.
    """
    return shares(
        with_purpose(records, "efficacy"),
        lambda record: not names_concept(record),
    )
