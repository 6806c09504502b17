"""What came of one run of a study: a row of ``runs.csv``."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from siu.attacks.observation import Finding
from siu.comparison.design import Run
from siu.comparison.measures import ATTACKED, BEYOND, TWO_SIDED, measured
from siu.mmubench.metric_definition import Values

Status = Literal["done", "failed", "not run"]

TWO_SIDED_DETAIL = "two_sided_auc"
"""The detail that a finding about an ROC-AUC has."""


@dataclass(frozen=True)
class RunResult:
    """One run.

    Attributes:
        run: Method, concept and seed.
        status: ``done``, ``failed``, or ``not run`` where ``--only`` leaves it out.
        reason: Why it failed; empty otherwise.
        scorecard_before: Metrics of the base model; empty unless done.
        scorecard_after: The same after unlearning.
        lr: Highest learning rate; None where nothing was trained.
        steps: Optimiser steps.
        seconds: Seconds of work per stage.
        findings: What the study's attacks found; empty without attacks.
        plan: Plan digest of the last stage; empty unless done.
    """

    run: Run
    status: Status
    reason: str = ""
    scorecard_before: Values = field(default_factory=dict)
    scorecard_after: Values = field(default_factory=dict)
    lr: float | None = None
    steps: int | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    plan: str = ""

    @cached_property
    def before(self) -> dict[str, float | None]:
        """Every measure of the base model."""
        return measured(self.scorecard_before, self.scorecard_before)

    @cached_property
    def after(self) -> dict[str, float | None]:
        """Every measure after unlearning, and each attack's score on the concept and beyond its control.

        An ROC-AUC is there as it is and two-sided.
        """
        scores = {f"{ATTACKED}{finding.attack}": finding.concept.attacked for finding in self.findings}
        beyond = {f"{BEYOND}{finding.attack}": finding.excess for finding in self.findings}
        two_sided = {
            f"{TWO_SIDED}{finding.attack}": finding.details[TWO_SIDED_DETAIL]
            for finding in self.findings
            if TWO_SIDED_DETAIL in finding.details
        }
        return measured(self.scorecard_before, self.scorecard_after) | scores | two_sided | beyond

    def row(self) -> dict[str, Any]:
        """Return the row of ``runs.csv``: ids and numbers."""
        return {
            "method": self.run.method,
            "concept": self.run.case.concept,
            "seed": self.run.case.seed,
            "status": self.status,
            "reason": self.reason,
            "lr": self.lr,
            "steps": self.steps,
            **{f"before.{key}": value for key, value in self.before.items()},
            **{f"after.{key}": value for key, value in self.after.items()},
            **{f"seconds.{stage}": value for stage, value in self.seconds.items()},
            "plan": self.plan,
        }
