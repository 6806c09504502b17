"""The questions of a benchmark from templates: recognition in many wordings, and facts in measured ones."""

from dataclasses import replace
from typing import Any, get_args

from siu.data.concepts import Concept, Fact, Wording, WordingPurpose
from siu.data.intake.wordings import trained_wordings
from siu.language.matching import normalise
from siu.language.phrasings import questions
from siu.packaged import packaged_yaml

SHARES: dict[WordingPurpose, float] = {"name": 0.5, "yes_no": 0.35, "describe": 0.15}
"""How the recognition questions are shared out; those that hide the name are the paper's main ones."""


def templates() -> dict[str, Any]:
    """Return frames and questions about looks."""
    tables: dict[str, Any] = packaged_yaml("siu.mmubench.builder", "questions.yaml")
    return tables


def shared_out(count: int) -> dict[WordingPurpose, int]:
    """Return how many of ``count`` recognition questions have which purpose."""
    targets = {purpose: round(share * count) for purpose, share in SHARES.items()}
    return targets | {"name": targets["name"] + count - sum(targets.values())}


def recognition_wordings(concept: Concept, count: int) -> tuple[Wording, ...]:
    """Return ``count`` questions about a concept's pictures, or as many as the templates give.

    Wordings of the concept's own come first; none that is trained on is among them.
    """
    targets = shared_out(count)
    chosen: list[Wording] = []
    for purpose in get_args(WordingPurpose):
        specific = [wording for wording in concept.wordings if wording.purpose == purpose]
        chosen += list(dict.fromkeys((*specific, *_framed(concept, purpose))))[: targets[purpose]]
    return tuple(chosen)


def measured_facts(concept: Concept) -> tuple[Fact, ...]:
    """Return a concept's facts; where English ones are trained only, each has a measured wording too.

    The frame of that wording is English: facts in another language are measured where the user words them.
    """
    frame: str = templates()["fact_frame"]
    measured = {fact.language for fact in concept.facts if fact.split == "test"}
    framed = tuple(
        replace(
            fact,
            text_question=frame.format(q=fact.text_question),
            picture_question=frame.format(q=fact.picture_question),
            split="test",
        )
        for fact in concept.facts
        if fact.language == "en" and "en" not in measured
    )
    return (*concept.facts, *framed)


def _framed(concept: Concept, purpose: WordingPurpose) -> list[Wording]:
    name = {"name": concept.name} if purpose == "yes_no" else {}
    trained = trained_wordings(concept)
    unframed = questions(purpose, concept.kind, split="test", **name)
    texts = [frame.format(q=text) for frame in templates()["frames"] for text in unframed]
    return [Wording(purpose, text) for text in texts if normalise(text) not in trained]
