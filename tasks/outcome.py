"""What came of a batch: one outcome per request, and the release."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.config.profiles import Profile
from siu.errors import PreflightError, SiuError
from siu.mmubench.knowledge import Knowledge
from siu.mmubench.metric_definition import Values
from siu.verdict import Verdict, assess, assurance, verdict_on_unknown
from siu.verdict.scores import scores_of
from tasks.answers import knowledge
from tasks.attack import ATTACKS
from tasks.evaluate import SCORECARDS
from tasks.findings import load_findings
from tasks.gold import GOLD_DISTANCE
from tasks.job import Job
from tasks.stage import Output
from tasks.subjects import Release
from tasks.unlearn import RESULT

if TYPE_CHECKING:
    from siu.attacks.observation import Finding

StateIntervals = dict[str, dict[str, list[float] | None]]
"""Model state (``before``, ``after``) to metric to the two ends of its interval."""


@dataclass
class Outcome:
    """What came of one request.

    Attributes:
        request_id: The request.
        outputs: What each stage left, by the stage's name.
        verdict: The verdict; None while work is under way and for a quarantined request.
        error: Why the request is quarantined, if it is.
    """

    request_id: str
    outputs: dict[str, Output] = field(default_factory=dict)
    verdict: Verdict | None = None
    error: SiuError | None = None

    @property
    def knowledge(self) -> Knowledge:
        """What the base model knows of the concept."""
        return knowledge(self.outputs["before"].folder)

    @property
    def unlearned(self) -> bool:
        """Whether an adapter was trained and measured."""
        return self.error is None and "attack" in self.outputs

    @property
    def skipped(self) -> bool:
        """Whether everything was there already."""
        return self.error is None and all(output.skipped for output in self.outputs.values())

    @property
    def verdict_name(self) -> str:
        """The verdict's word, or ``quarantined``."""
        return self.verdict.verdict if self.verdict else "quarantined"

    @property
    def verdict_words(self) -> str:
        """The verdict with its assurance, or ``quarantined``."""
        return self.verdict.words if self.verdict else "quarantined"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why; may hold names, so for the report only."""
        return self.verdict.reasons if self.verdict else tuple(str(problem) for problem in self._problems)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of what put the request into quarantine; none for one that was served."""
        return tuple(problem.code for problem in self._problems)

    @property
    def training(self) -> dict[str, Any] | None:
        """How the adapter was trained: steps, rate, why it ended, what was tried; None without one."""
        return _read(self.outputs["unlearn"].folder / RESULT) if self.unlearned else None

    @property
    def gold_distance(self) -> dict[str, Any] | None:
        """The distance to the gold model by model state; None where there is none."""
        folder = self.outputs["evaluate"].folder if self.unlearned else None
        return _read(folder / GOLD_DISTANCE) if folder and (folder / GOLD_DISTANCE).is_file() else None

    @property
    def before(self) -> Values:
        """Metrics and attack results of the base model."""
        return self._values("before")

    @property
    def after(self) -> Values:
        """Metrics and attack results after unlearning; empty without an adapter."""
        return self._values("after")

    @property
    def findings(self) -> "list[Finding]":
        """What each attack of the profile found; none without an adapter."""
        return load_findings(self.outputs["attack"].folder) if self.unlearned else []

    @property
    def intervals(self) -> StateIntervals:
        """The metrics' intervals by model state; empty without an adapter."""
        return intervals(self.outputs["evaluate"].folder) if self.unlearned else {}

    def assess(self, job: Job) -> Verdict:
        """Hold the measurements against the gates."""
        if self.unlearned:
            folder = self.outputs["evaluate"].folder
            self.verdict = _assessed(job, folder, self.findings, job.params.attacks.profile)
        else:
            self.verdict = verdict_on_unknown(self.knowledge, job.params.gates)
        return self.verdict

    @property
    def _problems(self) -> tuple[SiuError, ...]:
        if self.error is None:
            return ()
        return self.error.problems if isinstance(self.error, PreflightError) else (self.error,)

    def _values(self, state: str) -> Values:
        if self.unlearned:
            return measured(self.outputs["evaluate"].folder, self.outputs["attack"].folder, state)
        has_answers = state == "before" and "before" in self.outputs
        return {"naming_rate": self.knowledge.naming_rate} if has_answers else {}


@dataclass
class Released:
    """The release of a batch.

    Attributes:
        subject: Which requests it holds.
        output: The joint adapter.
        parts: The release's measurements per request.
        verdicts: The release's verdict per request; empty until `assess` was called.
    """

    subject: Release
    output: Output
    parts: dict[str, Output] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    @property
    def training(self) -> dict[str, Any]:
        """How the adapter was trained, as for a single concept."""
        return _read(self.output.folder / RESULT)

    def before(self, request_id: str) -> Values:
        """Metrics and attack results of the base model on the release's questions."""
        return self._values(request_id, "before")

    def after(self, request_id: str) -> Values:
        """Metrics and attack results of the release."""
        return self._values(request_id, "after")

    def findings(self, request_id: str) -> "list[Finding]":
        """What the attacks of `attacks.release` found."""
        return load_findings(self.parts[request_id].folder)

    def assess(self, job: Job) -> None:
        """Hold the release's measurements on each request against the gates."""
        profile = job.params.attacks.release
        self.verdicts = {
            request_id: _assessed(job, output.folder, self.findings(request_id), profile)
            for request_id, output in self.parts.items()
        }

    def intervals(self, request_id: str) -> StateIntervals:
        """Return the metrics' intervals on the release's questions by model state."""
        return intervals(self.parts[request_id].folder)

    def _values(self, request_id: str, state: str) -> Values:
        folder = self.parts[request_id].folder
        return measured(folder, folder, state)


def _assessed(job: Job, scorecards: Path, findings: "list[Finding]", profile: Profile) -> Verdict:
    cards = _read(scorecards / SCORECARDS)
    before, after = (scores_of(cards, state) for state in ("before", "after"))
    return assess(before, after, findings, job.params.gates, assurance(job.params.attacks, profile))


def measured(scorecards: Path, attacks: Path, state: str) -> Values:
    """Return metrics and attack results of one model state, ``before`` or ``after``."""
    return {**_read(scorecards / SCORECARDS)[state], **_read(attacks / ATTACKS)[state]}


def intervals(scorecards: Path) -> StateIntervals:
    """Return the metrics' intervals by model state."""
    by_state: StateIntervals = _read(scorecards / SCORECARDS)["intervals"]
    return by_state


def _read(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value
