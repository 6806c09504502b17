"""Scores of a benchmark, a study, public sets and the self-check, as commands print them for programs."""

from typing import Any

from pydantic import Field

from flows.cli.shapes.shape import Interval, Intervals, Metrics, Shape


class StudyShape(Shape):
    """A study."""

    study: str
    """Its name."""
    folder: str
    """Where its page and tables are."""
    runs: dict[str, int]
    """How many are done, failed and not run."""
    methods: dict[str, dict[str, tuple[float | None, float | None, float | None]]]
    """Method to measure to mean and the two ends of its interval."""
    failures: dict[str, str]
    """Run to why it failed."""
    notes: list[str]
    """What did not go as wished."""


class EvaluatedShape(Shape):
    """A concept on a benchmark; what belongs to an adapter is left out without one."""

    verdict: str = ""
    """By records alone."""
    assurance: str = ""
    """`records`: nothing was attacked."""
    reasons: list[str] = Field(default=[])
    """A sentence per gate that doesn't hold."""
    notes: list[str] = Field(default=[])
    """Gates that tell nothing."""
    before: Metrics
    """The base model's metrics."""
    after: Metrics = Field(default={})
    """The adapter's."""
    intervals: Intervals
    """Intervals of both."""
    units: dict[str, dict[str, int]]
    """Model state to metric to the pictures that were asked about."""
    gold_distance: dict[str, Any] = Field(default={})
    """Distance to a gold model, where one was named."""


class EvaluationShape(Shape):
    """Scores of any model and adapter on any benchmark."""

    model: str
    """The base model."""
    adapter: str | None
    """The adapter; null without one."""
    other_base: bool
    """Whether the adapter isn't known to have been trained on this base model."""
    gold: str | None
    """The gold model; null without one."""
    concepts: dict[str, EvaluatedShape]
    """Concept to its scores."""


class PublicSetShape(Shape):
    """A public set."""

    value: float
    """By the set's published rule, from 0 to 1."""
    questions: int
    """Questions asked."""
    interval: Interval | None
    """Over pictures; null where the value is no mean."""


class StateOfPublicSetsShape(Shape):
    """Public sets in one model state."""

    sets: dict[str, PublicSetShape | None]
    """Set to its result; null where it was not measured."""
    mean: float | None
    """Over the sets that were measured."""


class PublicSetsShape(Shape):
    """Public sets before and after unlearning."""

    before: StateOfPublicSetsShape
    """The base model."""
    after: StateOfPublicSetsShape | None = None
    """With the adapter; left out without one."""


class SelfVerdictShape(Shape):
    """A verdict on a model of which the right one is known."""

    verdict: str
    """The verdict."""
    assurance: str
    """How hard it was tested."""
    reasons: list[str]
    """A sentence per gate that doesn't hold."""
    notes: list[str]
    """Gates that tell nothing."""
    readings: list[dict[str, Any]]
    """What each gate says."""


class ControlShape(Shape):
    """A model of which the right verdict is known."""

    expected: str
    """The right verdict."""
    verdicts: dict[str, SelfVerdictShape]
    """Concept to the verdict that it got."""
    changed: float
    """Share of answers that differ from the base model's."""


class ChangedShape(Shape):
    """Answers that must not change."""

    what: str
    """What was compared."""
    share: float
    """Share of answers that differ."""
    questions: int
    """Questions asked."""


class PlantedShape(Shape):
    """A leak that was planted."""

    leak: str
    """What leaks."""
    rate: float
    """How often."""
    verdicts: int
    """Verdicts given."""
    erased: int
    """Those that missed it."""
    explained: int
    """Those that name it."""


class SelfCheckShape(Shape):
    """Do the measurements measure?"""

    passed: bool
    """Whether all of it holds."""
    controls: dict[str, ControlShape]
    """Model to its verdicts."""
    auc: Metrics
    """Metric to how well it tells models that know from those that don't; null where not measured."""
    weak: list[str]
    """Metrics that hardly tell."""
    changed: list[ChangedShape]
    """Answers that must not change."""
    planted: list[PlantedShape]
    """Planted leaks."""
