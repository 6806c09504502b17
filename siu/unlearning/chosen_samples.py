"""Which of the concepts' fine-tuning samples a run trains on."""

from collections.abc import Sequence
from itertools import chain

from siu.finetuning_data import FinetuningData, Sample
from siu.objectives.objective import Objective


def joint_samples(data: Sequence[FinetuningData], objective: Objective) -> list[Sample]:
    """Return what an objective trains on, each sample once: all forget samples and, if used, the retained."""
    retained = retained_samples(data) if objective.uses_retained else []
    forget = chain.from_iterable(one.forget_samples(objective.forget_answers) for one in data)
    return list(dict.fromkeys((*forget, *retained)))


def retained_samples(data: Sequence[FinetuningData]) -> list[Sample]:
    """Return T3 and T4 of all concepts, each sample once, without what keeps a forgotten concept."""
    forgotten = {one.concept for one in data}
    chosen = chain.from_iterable(one.retained_samples() for one in data)
    return list(dict.fromkeys(one for one in chosen if forgotten.isdisjoint(one.about)))


def rejected_samples(data: Sequence[FinetuningData]) -> list[Sample]:
    """Return the base model's own names for the concepts, each sample once."""
    return list(dict.fromkeys(chain.from_iterable(one.rejected_samples() for one in data)))
