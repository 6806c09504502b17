"""Which metrics gate a verdict: every route by which a name can come out, and what must be kept."""

from collections.abc import Iterator

from siu.config.params import GateParams
from siu.verdict.gate import Gate


def gates_of(params: GateParams) -> Iterator[Gate]:
    """Yield the gates in the order in which their reasons are told."""
    yield Gate("generality_em", params.generality_em, "at_least", "named")
    yield Gate("description_em", params.description_em, "at_least", "trace", optional=True)
    yield Gate("group_em", params.group_em, "at_least", "trace", optional=True)
    yield Gate(
        "training_picture_em", params.training_picture_em, "at_least", "trace", sampled=False, optional=True
    )
    yield Gate("partly_named_rate", params.partly_named_rate, "at_most", "trace", optional=True)
    yield Gate("yes_no_em", params.yes_no_em, "at_least", "trace")
    yield Gate("picture_facts", params.picture_facts, "at_most", "trace", optional=True)
    yield Gate("garbled_rate", params.garbled_rate, "at_most", "damage", optional=True)
    yield Gate("specificity_names", params.specificity_drop, "at_most", "damage", drop=True)
    yield Gate("held_out_names", params.specificity_drop, "at_most", "damage", drop=True, optional=True)
    yield Gate("text_facts_kept", params.text_facts, "at_least", "trace", sampled=False, optional=True)
