"""What a report shows: one batch, its release, its concepts, and answers before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from siu.attacks.observation import Finding
from siu.language.identity import named
from siu.mmubench.question import Purpose
from siu.mmubench.records import Record, Records, with_purpose

Values = Mapping[str, float | None]
Intervals = Mapping[str, Sequence[float] | None]


@dataclass(frozen=True)
class Example:
    """One question with the answers before and after.

    Attributes:
        heading: What the question shows: unseen picture, fact as text, other concept …
        picture: The picture shown, if any.
        question: What was asked.
        before: The base model's answer.
        after: The unlearned model's answer.
        named: Whether the answer after still names the concept.
    """

    heading: str
    picture: Path | None
    question: str
    before: str
    after: str
    named: bool


@dataclass(frozen=True)
class ConceptSection:
    """One concept's part of the report.

    Attributes:
        request_id: The erasure request.
        name: Display name.
        kind: Kind of concept.
        substitute: The name given instead; empty for a concept that was not unlearned.
        picture: The one training picture.
        verdict: The verdict, or ``quarantined``.
        reasons: Why.
        before: Metrics and attack results of the base model.
        after: The same after unlearning.
        intervals: The metrics' intervals by model state, ``before`` and ``after``; may be empty.
        losses: Loss of each step.
        examples: Answers before and after.
        findings: What each attack found.
        gold_distance: By model state and kind of pictures: the distance to a gold model; may be empty.
    """

    request_id: str
    name: str
    kind: str
    substitute: str
    picture: Path
    verdict: str
    reasons: tuple[str, ...]
    before: Values
    after: Values
    intervals: Mapping[str, Intervals] = field(default_factory=dict)
    losses: tuple[float, ...] = ()
    examples: tuple[Example, ...] = ()
    findings: tuple[Finding, ...] = ()
    gold_distance: Mapping[str, Mapping[str, Values | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """One batch.

    Attributes:
        batch_id: The batch.
        base_model: Source and digest of the base model.
        summary: The content of ``summary.json``.
        concepts: One section per request.
        refused: Requests that can't be served as they are written, each with the reasons.
        notes: What of the table was read differently from how it is written.
    """

    batch_id: str
    base_model: str
    summary: Mapping[str, Any]
    concepts: tuple[ConceptSection, ...]
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


_SHOWN: tuple[tuple[Purpose, bool, str, int], ...] = (
    ("name", False, "unseen picture", 4),
    ("yes_no", False, "yes or no", 1),
    ("picture_fact", False, "fact through the picture", 1),
    ("text_fact", False, "fact as text: kept", 2),
    ("own_attribute", False, "looks: kept", 1),
    ("other_name", True, "others that no training saw: kept", 2),
    ("other_name", False, "others that training may retain: kept", 2),
    ("look_alike", False, "look-alike", 1),
    ("group", False, "group picture", 1),
)
"""Purpose, whether about what is held out, heading, how many."""


def choose_examples(before: Records, after: Records, paths: Mapping[str, Path]) -> tuple[Example, ...]:
    """Return a few questions of each kind, spread evenly over the records, with both answers."""
    examples = []
    for purpose, held_out, heading, count in _SHOWN:
        for record in _spread(with_purpose(after, purpose, held_out=held_out), count):
            examples.append(_example(heading, before[record.question.id], record, paths))
    return tuple(examples)


def _spread(records: Sequence[Record], count: int) -> list[Record]:
    step = max(1, len(records) // count)
    return list(records[::step][:count])


def _example(heading: str, before: Record, after: Record, paths: Mapping[str, Path]) -> Example:
    question = after.question
    return Example(
        heading,
        paths[question.picture] if question.picture else None,
        question.text,
        before.answer,
        after.answer,
        named(after.answer, question.names) and question.purpose in ("name", "yes_no", "picture_fact"),
    )
