"""Concepts that no training sees, so that damage to others is also measured where nothing repairs it.

What T4 retains is trained on: measured on the same concepts, specificity tells how well the repair worked,
not how far the damage reaches.
"""

from collections.abc import Iterable
from fractions import Fraction

from siu.data.concepts import Concept
from siu.storage.digest import value_digest


def held_out_concepts(concepts: Iterable[Concept], share: float, seed: int) -> frozenset[str]:
    """Return the ids of the concepts that are held out of the training data of every request.

    They depend on seed, ids and kinds alone: neither on the order of the concepts nor on what is asked to be
    forgotten, so that all requests of a workspace and their release have the same. Every kind gives about
    its share. A concept that is itself to be forgotten is not held out of its own data: callers leave it out.

    Args:
        concepts: All concepts of the collection.
        share: Which share is held out, below 1; rounded down, so one concept at least remains.
        seed: Decides which.
    """
    kinds: dict[str, list[str]] = {}
    for concept in concepts:
        kinds.setdefault(concept.kind, []).append(concept.id)
    places = [
        (Fraction(2 * at + 1, 2 * len(ids)), _draw(concept_id, seed), concept_id)
        for ids in kinds.values()
        for at, concept_id in enumerate(sorted(ids, key=lambda other_id: (_draw(other_id, seed), other_id)))
    ]
    return frozenset(concept_id for _, _, concept_id in sorted(places)[: int(share * len(places))])


def _draw(concept_id: str, seed: int) -> str:
    return value_digest(["held out", seed, concept_id])
