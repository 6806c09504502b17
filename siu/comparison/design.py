"""The runs of a study: every method on every concept with every seed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, product, zip_longest

from siu.comparison.study import Concepts, Study
from siu.data.collection import Collection
from siu.data.concepts import Concept, Picture
from siu.errors import InputError


@dataclass(frozen=True, order=True)
class Case:
    """What is forgotten with which seed: one cell of the design, equal for all methods."""

    concept: str
    seed: int

    def __str__(self) -> str:
        return f"{self.concept}/{self.seed}"


@dataclass(frozen=True)
class Run:
    """One method on one case."""

    method: str
    case: Case

    def __str__(self) -> str:
        return f"{self.method}/{self.case}"


@dataclass(frozen=True)
class Design:
    """What is run.

    Attributes:
        cases: Concepts × seeds that are measured.
        tuning_cases: Concepts that rates are tuned on, with the first seed; empty without tuning.
    """

    cases: tuple[Case, ...]
    tuning_cases: tuple[Case, ...] = ()

    def runs(self, methods: Sequence[str]) -> tuple[Run, ...]:
        """Return the runs case by case, so that a study ended early has all methods on some cases."""
        return tuple(Run(method, case) for case in self.cases for method in methods)


def make_design(study: Study, collection: Collection) -> Design:
    """Return the cases of a study; concepts are taken by kind in turn where only a number is given.

    Raises:
        InputError: ``E-CMP-005`` a concept is unknown, has no training picture, is named twice or on both
            sides, or there are too few concepts.
    """
    usable = tuple(concept for concept in collection.concepts if training_pictures(collection, concept.id))
    named = study.concepts if isinstance(study.concepts, tuple) else ()
    tuned = () if study.tuning is None else _choose(study.tuning_concepts, usable, named, "tuning_concepts")
    measured = _choose(study.concepts, usable, tuned, "concepts")
    return Design(
        tuple(Case(concept, seed) for seed, concept in product(study.seeds, measured)),
        tuple(Case(concept, study.seeds[0]) for concept in tuned),
    )


def training_pictures(collection: Collection, concept: str) -> tuple[Picture, ...]:
    """Return the pictures that may be the one training picture: the concept's alone, of the train split."""
    return collection.pictures_of(concept, split="train")


def training_picture(collection: Collection, case: Case) -> Picture:
    """Return the one picture that is given; seeds take turns."""
    pictures = training_pictures(collection, case.concept)
    return pictures[case.seed % len(pictures)]


def by_kind_in_turn(concepts: Sequence[Concept]) -> tuple[str, ...]:
    """Return ids so that the first few hold as many kinds as can be."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for concept in concepts:
        kinds[concept.kind].append(concept.id)
    return tuple(
        concept_id
        for concept_id in chain.from_iterable(zip_longest(*kinds.values()))
        if concept_id is not None
    )


def _choose(choice: Concepts, concepts: Sequence[Concept], taken: Sequence[str], key: str) -> tuple[str, ...]:
    """Return concept ids: those named, or the first so many that are not taken."""
    free = [concept_id for concept_id in by_kind_in_turn(concepts) if concept_id not in taken]
    if isinstance(choice, int):
        if choice > len(free):
            what = f"{key} asks for {choice} concepts and {len(free)} with a training picture are left"
            raise InputError("E-CMP-005", what, "Ask for fewer, or add concepts to the collection")
        return tuple(free[:choice])
    for concept_id in choice:
        if concept_id not in free:
            what = f"{key}: {concept_id!r} is unknown, has no training picture, or serves the other list"
            raise InputError("E-CMP-005", what, f"Name some of {', '.join(free)}")
    if len(set(choice)) < len(choice):
        raise InputError("E-CMP-005", f"{key}: a concept is named twice", "Name each once")
    return choice
