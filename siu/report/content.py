"""What a report shows: a release, its requests, and the answers before and after."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from siu.attacks.observation import Finding
from siu.config.params import GateParams
from siu.mmubench.knowledge import Knowledge
from siu.mmubench.metric_definition import Values
from siu.report.cards import Card
from siu.report.metric_rows import Intervals
from siu.report.worst_leak import Leak
from siu.verdict import Verdict


@dataclass(frozen=True)
class RequestSection:
    """One request's part of the report. What is shown is the release where the request is in it.

    Attributes:
        request_id: The erasure request.
        name: Display name.
        kind: Kind of concept.
        picture: The one training picture; None in a redacted report.
        verdict: The verdict that counts: the release's where the request is in it; None in quarantine.
        alone: The verdict on the request's own adapter, where another one counts.
        is_released: Whether the release was measured on it.
        reasons: Why; may quote answers.
        codes: Codes of what put it into quarantine.
        knowledge: What the base model knows of it; None in quarantine.
        substitute: The name given instead; empty for a concept that was not unlearned.
        before: Metrics and attack results of the base model.
        after: The same after unlearning.
        alone_after: The same of the request's own adapter, where the release counts.
        intervals: The metrics' intervals by model state, ``before`` and ``after``; may be empty.
        units: Metric to the number of pictures behind it.
        leak: The worst answer that still gives it away.
        cards: Answers before and after, leaks first.
        findings: What each attack found.
        losses: Loss of each step of the request's own adapter.
        gold_distance: By model state and kind of pictures: the distance to a gold model; may be empty.
        seconds: Stage to seconds of work.
        plan: Stage to plan digest.
    """

    request_id: str
    name: str
    kind: str
    picture: Path | None
    verdict: Verdict | None
    alone: Verdict | None = None
    is_released: bool = False
    reasons: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    knowledge: Knowledge | None = None
    substitute: str = ""
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
    alone_after: Values = field(default_factory=dict)
    intervals: Mapping[str, Intervals] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    leak: Leak | None = None
    cards: tuple[Card, ...] = ()
    findings: tuple[Finding, ...] = ()
    losses: tuple[float, ...] = ()
    gold_distance: Mapping[str, Mapping[str, Values | None]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    plan: Mapping[str, str] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The verdict's word, or ``quarantined``."""
        return self.verdict.verdict if self.verdict else "quarantined"

    @property
    def words(self) -> str:
        """The verdict with its assurance, or ``quarantined``."""
        return self.verdict.words if self.verdict else "quarantined"


@dataclass(frozen=True)
class ReleaseSection:
    """The joint adapter.

    Attributes:
        plan: Plan digest.
        objective: What it was trained by.
        steps: Optimiser steps taken.
        is_deployed: Whether it is the latest release of the workspace.
    """

    plan: str
    objective: str
    steps: int
    is_deployed: bool


@dataclass(frozen=True)
class Report:
    """One batch.

    Attributes:
        batch_id: The batch.
        made: When the newest of its verdicts was reached: day and minute, UTC.
        version: Version of this program.
        base_model: Source and digest of the base model.
        gates: Limits that the verdicts hold against.
        requests: One section per request.
        release: The release; None if nothing was unlearned, or it failed.
        notes: What of the table was read differently from how it is written.
        seconds: Stage to seconds of work, summed over what ran side by side.
        is_redacted: Whether names, pictures and answers are left out.
    """

    batch_id: str
    made: str
    version: str
    base_model: str
    gates: GateParams
    requests: tuple[RequestSection, ...]
    release: ReleaseSection | None = None
    notes: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    is_redacted: bool = False
