"""Whose pictures an attack is fitted and tested on, and what controls it is held against."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from siu.data.collection import Collection
from siu.data.concepts import Concept, Picture, Split, WordingPurpose
from siu.language.phrasings import answer, questions

Role = Literal["concept", "strangers", "retained"]


@dataclass(frozen=True)
class Case:
    """Pictures that an attack wants to hear a concept's name about.

    Attributes:
        role: The forgotten concept; strangers, scored as if they were it; or a retained concept.
        concept: Whose name counts.
        fit: Pictures that an attack may fit on.
        test: Pictures that it is measured on; none of them is in ``fit``.
        others: Names of other concepts of the kind, for choices and lists.
    """

    role: Role
    concept: Concept
    fit: tuple[Path, ...]
    test: tuple[Path, ...]
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names that count."""
        return (self.concept.name, *self.concept.aliases)

    @property
    def named(self) -> str:
        """The answer of a model that knows."""
        return self.named_as(self.concept.name)

    def named_as(self, name: str) -> str:
        """Return the answer that gives this name."""
        return answer("named", self.concept.kind, name=name)

    def wordings(self, purpose: WordingPurpose, split: Split) -> tuple[str, ...]:
        """Return the questions of a purpose: ``train`` to fit on, ``test`` to measure with."""
        specific = tuple(wording.text for wording in self.concept.wordings if wording.purpose == purpose)
        name = {"name": self.concept.name} if purpose == "yes_no" else {}
        return (split == "test" and specific) or questions(purpose, self.concept.kind, split=split, **name)


def build_cases(
    collection: Collection, concept: Concept, *, retained: int, seed: int, without: Sequence[str] = ()
) -> tuple[Case, ...]:
    """Return the concept's case, the strangers', and those of matched retained concepts: of the same kind.

    Every third test picture is for fitting, the others for testing.

    Args:
        collection: Holds the pictures.
        concept: The forgotten concept.
        retained: Number of retained concepts, at most.
        seed: Decides which.
        without: Ids of concepts that are forgotten too, or that the gold model never saw.
    """
    kin = [
        neighbour
        for neighbour in collection.concepts
        if neighbour.kind == concept.kind and neighbour.id not in (concept.id, *without)
    ]
    names = tuple(
        neighbour.name
        for neighbour in collection.concepts
        if neighbour.kind == concept.kind and neighbour.id != concept.id
    )
    strangers = [
        picture for picture in collection.pictures_of(role="stranger") if picture.kind == concept.kind
    ]
    controls = random.Random(f"{seed}:{concept.id}:controls").sample(kin, min(retained, len(kin)))
    pictures = collection.pictures_of(concept.id)
    return (
        _case("concept", collection, concept, pictures, names),
        _case("strangers", collection, concept, strangers, names),
        *(
            _case("retained", collection, control, collection.pictures_of(control.id), (*names, concept.name))
            for control in controls
        ),
    )


def _case(
    role: Role, collection: Collection, concept: Concept, pictures: Sequence[Picture], names: tuple[str, ...]
) -> Case:
    paths = [collection.path(picture) for picture in pictures]
    test = tuple(path for index, path in enumerate(paths) if index % 3 or len(paths) == 1)
    fit = tuple(path for path in paths if path not in test)
    return Case(role, concept, fit, test, tuple(name for name in names if name != concept.name))
