"""Substitute names: ordinary, of the right kind, in the concept's own script, and nobody's."""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

from siu.data.collection import Collection
from siu.data.concepts import Concept, Kind
from siu.errors import ConceptError
from siu.language.common_words import is_listed
from siu.language.folding import fold
from siu.language.matching import normalise
from siu.language.scripts import is_spaceless
from siu.packaged import packaged_yaml
from siu.substitutes.made_up import PLACES, PLAIN, made_up_names, script_of

TRIES = 10_000
"""Made-up names that are tried before a concept is given up."""
_CAREFUL_TRIES = 1_000
"""Of these, how many also have to begin otherwise."""
_ORDINARY = frozenset(map(normalise, PLACES))


def spare_names(kind: Kind) -> tuple[str, ...]:
    """Return the written names for a kind, in file order; all are in Latin letters."""
    return tuple(packaged_yaml("siu.substitutes", "written.yaml")[kind])


def choose_substitutes(concepts: list[Concept], collection: Collection, *, seed: int) -> dict[str, str]:
    """Return a substitute name for each concept's id; the order of the concepts decides nothing.

    A substitute shares no word with a name or alias of the collection's concepts or of those asked for, it
    occurs in no fact, and is not given to two concepts; a concept that is asked for twice has one. None of
    its words begins like one of the concept's, so that no first piece of the new name is a token that the
    vocabulary mask takes from the divergence (a precaution; its worth was not measured).

    The collection's concepts with Latin names have a written name each as long as there are any; all others
    a made-up one. Which other concepts are asked for matters in one case: two draw the same name, or one
    draws a word of another one's name. Then each whose name it is draws anew.

    Args:
        concepts: The concepts that are asked for.
        collection: Whose concepts and facts are avoided.
        seed: Start of each concept's own draws.

    Raises:
        ConceptError: ``E-FTD-001`` a concept finds no name.
    """
    variants_of: defaultdict[str, list[Concept]] = defaultdict(list)
    for concept in concepts:
        variants_of[concept.id].append(concept)
    names = _Names(collection, seed)
    draws = {concept_id: names.draws(variants) for concept_id, variants in sorted(variants_of.items())}
    chosen = {concept_id: next(stream) for concept_id, stream in draws.items()}
    taken = {word for concept in concepts for word in _words(_names_of(concept))}
    while clashing := _clashing(chosen, taken):
        chosen |= {concept_id: next(draws[concept_id]) for concept_id in clashing}
    return chosen


def _clashing(chosen: dict[str, str], taken: set[str]) -> list[str]:
    """Return the concepts whose substitute another one has too, or shares a word with a name asked for."""
    count = Counter(map(normalise, chosen.values()))
    return [
        concept_id
        for concept_id, name in chosen.items()
        if count[normalise(name)] > 1 or not taken.isdisjoint(_own_words(name))
    ]


class _Names:
    """What a collection leaves free.

    Args:
        collection: Whose concepts and facts are avoided.
        seed: Start of each concept's own draws.
    """

    def __init__(self, collection: Collection, seed: int) -> None:
        self._seed = seed
        self._taken = {word for concept in collection.concepts for word in _words(_names_of(concept))}
        facts = (fact for concept in collection.concepts for fact in concept.facts)
        self._facts = normalise(" ".join(f"{fact.text_question} {fact.answer}" for fact in facts))
        self._told = set(re.findall(r"\w+", self._facts))
        self._joined = fold(self._facts).compact
        self._free: dict[str, bool] = {}
        self._written = self._given(collection.concepts)

    def draws(self, variants: list[Concept]) -> Iterator[str]:
        """Yield the free names of one concept: the written one that is its own, then made-up ones.

        Args:
            variants: The concept with the names that each request for it knows.
        """
        concept, known_words = (
            variants[0],
            set(_words(name for variant in variants for name in _names_of(variant))),
        )
        written = self._written.get(concept.id)
        if written is not None and known_words.isdisjoint(_words([written])):
            yield written
        initials = {word[0] for word in known_words}
        for tries, name in enumerate(islice(made_up_names(concept, self._seed), TRIES)):
            words = normalise(name).split()
            if not initials.isdisjoint(word[0] for word in words) and tries < _CAREFUL_TRIES:
                continue
            if known_words.isdisjoint(_words([name])) and self._is_free(name):
                yield name
        what = f"no substitute name for a {concept.kind} is left"
        raise ConceptError("E-FTD-001", what, "Use another seed, or give the concept fewer aliases")

    def _given(self, concepts: Iterable[Concept]) -> dict[str, str]:
        """Give the written names to the collection's concepts: first choices first, then second ones.

        So they depend on the collection alone, and not on what is asked for.
        """
        waiting = {concept.id: iter(self._choices(concept)) for concept in concepts if _is_plain(concept)}
        chosen: dict[str, str] = {}
        while waiting:
            for concept_id, choices in list(waiting.items()):
                choice = next(choices, None)
                if choice is not None and choice not in chosen.values():
                    chosen[concept_id] = choice
                if choice is None or concept_id in chosen:
                    del waiting[concept_id]
        return chosen

    def _choices(self, concept: Concept) -> list[str]:
        """Return the written names that are free for a concept, those that begin otherwise first."""
        names = list(spare_names(concept.kind))
        random.Random(f"{self._seed}:{concept.id}:substitute").shuffle(names)  # nosec B311
        initials = {word[0] for word in _words(_names_of(concept))}
        names.sort(key=lambda name: not initials.isdisjoint(word[0] for word in normalise(name).split()))
        return [name for name in names if self._is_written_for_nobody(name)]

    def _is_written_for_nobody(self, name: str) -> bool:
        if name not in self._free:
            words, joined = normalise(name).split(), fold(name).compact
            is_told = self._told.issuperset(words) or joined in self._joined
            self._free[name] = self._taken.isdisjoint(words) and not is_told
        return self._free[name]

    def _is_free(self, name: str) -> bool:
        """Return whether a made-up name is nobody's, in no fact, and no ordinary word."""
        words = _own_words(name)
        if not self._taken.isdisjoint(words) or not self._told.isdisjoint(words):
            return False
        if is_spaceless(name):
            return normalise(name) not in self._facts
        return not any(map(is_listed, words))


def _is_plain(concept: Concept) -> bool:
    return script_of(concept.name) == PLAIN


def _own_words(name: str) -> set[str]:
    """Return the words of a substitute that are not what many places are called."""
    return {word for word in _words([name]) if word not in _ORDINARY}


def _names_of(concept: Concept) -> tuple[str, ...]:
    return (concept.name, *concept.aliases)


def _words(names: Iterable[str]) -> Iterator[str]:
    """Yield the words of names; of scripts without spaces also what two signs in a row spell."""
    for name in names:
        for word in normalise(name).split():
            yield word
            if is_spaceless(word):
                yield from (word[index : index + 2] for index in range(len(word) - 1))
