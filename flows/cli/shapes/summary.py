"""``summary.json`` and what `siu batch` prints of it; docs/reference/summary.md says what it means."""

from typing import Any, Literal

from pydantic import Field

from flows.cli.shapes.attacks import FindingShape
from flows.cli.shapes.shape import Intervals, Metrics, Shape


class GateShape(Shape):
    """What a gate says (docs/reference/verdict.md)."""

    metric: str
    """What is limited."""
    side: Literal["at_least", "at_most"]
    """Which side of the limit passes."""
    limit: float
    """The limit."""
    value: float | None
    """What was measured."""
    before: float | None
    """The base model's value."""
    units: int
    """Pictures that were asked about."""
    bound: float | None
    """The exact one-sided bound, which decides."""
    state: str
    """passed, unproven, broken or unmeasured."""
    vacuous: bool
    """Whether the base model passes it before any training."""


class RequestResultShape(Shape):
    """A request that a batch has worked on, or refused: then without `assurance`, `notes` and `gates`."""

    request_id: str
    """Opaque id."""
    verdict: str
    """One of the verdicts, or `quarantined`."""
    assurance: str = ""
    """How hard it was tested."""
    notes: list[str] = Field(default=[])
    """Gates that tell nothing."""
    gates: list[GateShape] = Field(default=[])
    """What each gate says."""
    reasons: list[str]
    """A sentence per gate that doesn't hold, or why it is quarantined; may quote names and answers."""
    training: dict[str, Any] | None
    """Steps taken, rate, why it stopped; null without an adapter."""
    before: Metrics
    """The base model's metrics."""
    after: Metrics
    """Those of the request's own adapter; empty without one."""
    intervals: Intervals
    """Intervals of both."""
    gold_distance: dict[str, Any] | None
    """Distance to a gold model; null without one."""
    attacks: Metrics
    """Membership attacks, also in `after`."""
    findings: list[FindingShape]
    """What each attack found."""
    plan: dict[str, str]
    """Stage to plan digest."""
    seconds: dict[str, float]
    """Stage to seconds of work."""


class MemberResultShape(Shape):
    """A request as the release answers about it."""

    request_id: str
    """Opaque id."""
    verdict: str
    """Its verdict in the release."""
    assurance: str
    """How hard it was tested."""
    notes: list[str]
    """Gates that tell nothing."""
    gates: list[GateShape]
    """What each gate says."""
    reasons: list[str]
    """A sentence per gate that doesn't hold."""
    before: Metrics
    """The base model's metrics."""
    after: Metrics
    """The release's."""
    intervals: Intervals
    """Intervals of both."""
    attacks: Metrics
    """Membership attacks, also in `after`."""
    findings: list[FindingShape]
    """What each attack of `attacks.release` found."""


class ReleaseResultShape(Shape):
    """The joint adapter."""

    requests: list[str]
    """Its requests."""
    plan: str
    """Its plan digest."""
    steps: int
    """Steps of its training."""
    concepts: list[MemberResultShape]
    """What it answers about each request."""
    seconds: dict[str, float]
    """Stage to seconds of work."""


class BaseModelShape(Shape):
    """Which base model."""

    source: str
    """Folder, hub name, or the name of an embedded one."""
    revision: str | None
    """Of the hub."""
    digest: str
    """Digest of its files."""


class SummaryShape(Shape):
    """The numbers of a batch: `summary.json`."""

    batch_id: str
    """Digest of its plan, 12 digits."""
    base_model: BaseModelShape
    """What was asked and trained on."""
    params: dict[str, Any]
    """The whole of params.yaml, with defaults."""
    concepts: list[RequestResultShape]
    """One per request, in the order of the table, followed by those refused at intake."""
    release: ReleaseResultShape | None
    """The joint adapter; null if there is none."""
    notes: list[str]
    """What was read differently from how it is written, and with `siu batch` what did not go as wished."""
    seconds: dict[str, float]
    """Stage to seconds of work."""


class BatchShape(SummaryShape):
    """The numbers of a batch, and what failed for all requests."""

    failures: list[str]
    """Why the release, or what serves all requests, failed."""


class EarlyBatchShape(Shape):
    """A batch that ended before its report (`--until`)."""

    failures: list[str]
    """Why what serves all requests failed."""
    notes: list[str]
    """What did not go as wished."""
