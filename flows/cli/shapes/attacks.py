"""What attacks came to, as commands print it for programs; docs/reference/attacks.md says what it means."""

from typing import Any, Literal

from flows.cli.shapes.shape import Interval, Metrics, Shape


class OutcomeShape(Shape):
    """An attack on one concept's pictures in one model state."""

    plain: float | None
    """The score without the attack."""
    attacked: float | None
    """The score under the attack."""
    interval: Interval | None
    """Interval of `attacked` over pictures."""
    variants: dict[str, float]
    """The score under each variant."""


class FindingShape(Shape):
    """What an attack came to (docs/reference/attacks.md)."""

    attack: str
    """Its name."""
    concept: OutcomeShape
    """On the unlearned model."""
    strangers: OutcomeShape | None
    """On pictures of strangers."""
    retained: list[OutcomeShape]
    """On retained concepts."""
    gold: OutcomeShape | None
    """On a model that never saw the concept."""
    budget: dict[str, Any]
    """The attack's options."""
    seed: int
    """Start of its random numbers."""
    seconds: float
    """What it took."""
    gives: Literal["answer", "trace"]
    """Whether what comes back is an answer."""
    gated: bool
    """Whether `excess` may weigh in a verdict."""
    controls: list[str]
    """What `excess` is held against: the first that was measured."""
    recovery: float | None
    """Score under attack minus the score without."""
    excess: float | None
    """Recovery beyond the control's."""


class CurveShape(Shape):
    """A line of a chart."""

    name: str
    """What is drawn."""
    x: str
    """What runs along the axis."""
    points: list[tuple[float | str, float]]
    """Pairs of place and score."""


class QuotedShape(Shape):
    """A question under attack and its answer."""

    variant: str
    """Which variant of the attack."""
    question: str
    """What was asked."""
    picture: str | None
    """File name of the picture shown."""
    answer: str
    """The answer."""
    right: bool
    """Whether it gives the concept away."""
    language: str
    """BCP 47 code of the question."""


class FullFindingShape(FindingShape):
    """The same with curves and quoted answers."""

    curves: list[CurveShape]
    """Lines about the concept."""
    details: Metrics
    """Further numbers about the concept."""
    gold_details: Metrics
    """The same of the gold model."""
    said: list[QuotedShape]
    """Questions and answers of the unlearned model."""


class AttackShape(Shape):
    """What the attacks on an adapter came to."""

    concept: str
    """The concept's id."""
    other_base: bool
    """Whether the adapter isn't known to have been trained on this base model."""
    answer: str
    """What is left, in a sentence or two; quotes answers."""
    reasons: list[str]
    """What the gates of params.yaml say."""
    findings: list[FullFindingShape]
    """What each attack found."""
