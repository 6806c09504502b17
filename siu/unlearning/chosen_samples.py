"""Which of the concepts' fine-tuning samples a run trains on."""

from collections.abc import Sequence, Set
from itertools import chain

from siu.finetuning_data import FinetuningData, Sample
from siu.objectives.objective import Objective


def joint_samples(
    data: Sequence[FinetuningData], objective: Objective, earlier: Set[str] = frozenset()
) -> list[Sample]:
    """Return what an objective trains on, each sample once: all forget samples and, if used, the retained.

    A sample of weight 0 teaches no token: it is left out where there is no divergence to the base model.

    Args:
        data: Fine-tuning data of the concepts.
        objective: What is minimised.
        earlier: Ids of concepts that were forgotten before; nothing that keeps them is returned.
    """
    retained = retained_samples(data, earlier) if objective.uses_retained else []
    forget = chain.from_iterable(of_concept.forget_samples(objective.forget_answers) for of_concept in data)
    chosen = dict.fromkeys((*forget, *retained))
    return [sample for sample in chosen if sample.weight > 0 or "reference" in objective.reads]


def retained_samples(data: Sequence[FinetuningData], earlier: Set[str] = frozenset()) -> list[Sample]:
    """Return T3 and T4 of all concepts, each sample once, without what keeps a forgotten concept."""
    forgotten = earlier | {of_concept.concept for of_concept in data}
    chosen = chain.from_iterable(of_concept.retained_samples() for of_concept in data)
    return list(dict.fromkeys(sample for sample in chosen if forgotten.isdisjoint(sample.about)))


def rejected_samples(data: Sequence[FinetuningData]) -> list[Sample]:
    """Return the base model's own names for the concepts, each sample once."""
    return list(dict.fromkeys(chain.from_iterable(of_concept.rejected_samples() for of_concept in data)))


def owners(data: Sequence[FinetuningData], samples: Sequence[Sample]) -> list[int]:
    """Return the place in ``data`` of the first concept that each sample belongs to.

    Its names alone are masked there: a sample that keeps others is no reason to free the names of every
    concept that is forgotten beside.
    """
    places: dict[Sample, int] = {}
    for place, of_concept in reversed(list(enumerate(data))):
        sets = (
            of_concept.samples,
            of_concept.refusals,
            of_concept.originals,
            of_concept.rejected_samples(),
        )
        places |= dict.fromkeys(chain.from_iterable(sets), place)
    return [places[sample] for sample in samples]
