"""Substitute names: ordinary, of the right kind, and nobody's."""

import random

from siu.data.collection import Collection
from siu.data.concepts import Concept, Kind
from siu.errors import ConceptError
from siu.language.identity import named
from siu.language.matching import normalise
from siu.packaged import packaged_yaml


def spare_names(kind: Kind) -> tuple[str, ...]:
    """Return the made-up names for a kind, in file order."""
    return tuple(packaged_yaml("siu.finetuning_data", "substitutes.yaml")[kind])


def choose_substitutes(concepts: list[Concept], collection: Collection, *, seed: int) -> dict[str, str]:
    """Return a substitute name for each concept's id; earlier concepts don't depend on later ones.

    A substitute is never a concept's name or alias, shares no word with one, occurs in no fact, and is not
    given to two concepts; a concept that is asked for twice has one. If it can be, none of its words begins
    like one of the concept's, so that no first piece of the new name is a token that the vocabulary mask
    takes from the divergence (a precaution; its worth was not measured).

    Args:
        concepts: The concepts in the order of their requests.
        collection: Whose concepts and facts are avoided.
        seed: Decides the order in which names are tried.

    Raises:
        ConceptError: No name of the kind is left.
    """
    taken_words = {word for concept in collection.concepts for word in _words(concept)}
    known = (*collection.concepts, *concepts)
    facts = " ".join(f"{fact.text_question} {fact.answer}" for concept in known for fact in concept.facts)
    chosen: dict[str, str] = {}
    for concept in concepts:
        taken_words.update(_words(concept))
        if concept.id in chosen:
            continue
        names = list(spare_names(concept.kind))
        random.Random(f"{seed}:{concept.id}:substitute").shuffle(names)
        names.sort(key=lambda name: not _begins_otherwise(name, concept))
        free = (
            name
            for name in names
            if name not in chosen.values()
            and taken_words.isdisjoint(normalise(name).split())
            and not named(facts, (name,))
        )
        substitute = next(free, None)
        if substitute is None:
            raise ConceptError(
                "E-FTD-001",
                f"no substitute name of kind {concept.kind} is left",
                "Unlearn fewer concepts of this kind in one batch, or add names to substitutes.yaml",
            )
        chosen[concept.id] = substitute
    return chosen


def _begins_otherwise(name: str, concept: Concept) -> bool:
    return {word[0] for word in normalise(name).split()}.isdisjoint(word[0] for word in _words(concept))


def _words(concept: Concept) -> list[str]:
    return [word for name in (concept.name, *concept.aliases) for word in normalise(name).split()]
