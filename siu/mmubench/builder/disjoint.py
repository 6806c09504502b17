"""Nothing that is measured is trained on: the condition without which generality means nothing."""

from typing import get_args

import numpy as np
from numpy.typing import NDArray

from siu.data.collection import Collection
from siu.data.concepts import Concept, Split, WordingPurpose
from siu.data.images import load_image
from siu.data.intake.wordings import trained_wordings
from siu.errors import InputError
from siu.language.matching import normalise
from siu.language.phrasings import questions
from siu.mmubench.builder.near_duplicates import difference_hash


def check_disjoint(collection: Collection, *, distance: int) -> None:
    """Check a benchmark for test pictures and wordings that may be trained on.

    Args:
        collection: The benchmark as the pipeline reads it.
        distance: Pictures are near-duplicates if at most this many bits of their hashes differ.

    Raises:
        InputError: ``E-BEN-003`` something measured may be trained on.
    """
    for concept in collection.concepts:
        _check_pictures(collection, concept, distance)
        trained = trained_wordings(concept) | {
            normalise(text)
            for fact in concept.facts
            if fact.split == "train"
            for text in (fact.text_question, fact.picture_question)
        }
        trained |= _asked_about_pictures(collection, concept, "train")
        measured = measured_texts(concept) | _asked_about_pictures(collection, concept, "test")
        both = sorted(trained & measured)
        if both:
            raise _both(f"the wording {both[0]!r}", concept.id)


def measured_texts(concept: Concept) -> set[str]:
    """Return every question about a concept that is only measured, normalised."""
    ready = (
        text
        for purpose in get_args(WordingPurpose)
        for text in questions(
            purpose,
            concept.kind,
            split="test",
            **({"name": concept.name} if purpose == "yes_no" else {}),
        )
    )
    facts = (
        text
        for fact in concept.facts
        if fact.split == "test"
        for text in (fact.text_question, fact.picture_question)
    )
    return {normalise(text) for text in (*ready, *(wording.text for wording in concept.wordings), *facts)}


def _check_pictures(collection: Collection, concept: Concept, distance: int) -> None:
    trained, tested = (_hashes(collection, concept, split) for split in get_args(Split))
    for trained_hash in trained:
        for tested_hash in tested:
            if int(np.count_nonzero(trained_hash != tested_hash)) <= distance:
                raise _both("a test picture that repeats the training picture", concept.id)


def _hashes(collection: Collection, concept: Concept, split: Split) -> list[NDArray[np.bool_]]:
    pictures = collection.pictures_of(concept.id, split=split)
    return [difference_hash(load_image(collection.path(picture))) for picture in pictures]


def _asked_about_pictures(collection: Collection, concept: Concept, split: Split) -> set[str]:
    return {
        normalise(question.question)
        for picture in collection.pictures_of(concept.id, split=split)
        for question in picture.questions
    }


def _both(what: str, concept_id: str) -> InputError:
    return InputError(
        "E-BEN-003", f"{what} is both trained on and measured", "Reword or remove one of them", concept_id
    )
