"""What attacks found, as people read it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from siu.attacks.observation import CONTROL_WORDS, Finding, Outcome, QuotedAnswer, mean
from siu.attacks.registry import attack_class
from siu.config.params import GateParams
from siu.report.charts import attack_chart
from siu.report.curves import curves_svg
from siu.report.worst_leak import limit_of

FAMILIES = ("prompt", "likelihood", "picture", "weights", "inside")


@dataclass(frozen=True)
class AttackRow:
    """One line of the attacks' table.

    Attributes:
        title: The attack.
        score: What is measured.
        gives: ``answer`` or ``trace``.
        concept: Score without → under the attack, with its interval.
        strangers: The same on strangers scored as the concept.
        retained: The same, mean over retained concepts.
        gold: The same on the model that never saw the concept.
        excess: Recovery beyond the control's.
        control: What that is held against; empty where no control was measured.
        alarm: Whether the excess is more than its gate allows.
        budget: The options in words.
        details: Further numbers.
        curves: Lines that are worth drawing, as SVG.
        leaks: Answers that give the concept away.
        chart: Score without and under the attack, beside its control, as SVG.
    """

    title: str
    score: str
    gives: str
    concept: str
    strangers: str
    retained: str
    gold: str
    excess: str
    control: str
    alarm: bool
    budget: str
    details: str
    curves: Markup
    leaks: tuple[QuotedAnswer, ...]
    chart: Markup


def attack_rows(findings: Sequence[Finding], gates: GateParams | None = None) -> list[AttackRow]:
    """Return the rows of the attacks' table, family by family.

    Args:
        findings: What the attacks found.
        gates: What an attack may bring back; None for the defaults.
    """
    limits = gates or GateParams()
    return [
        _row(finding, limits)
        for family in FAMILIES
        for finding in findings
        if attack_class(finding.attack).family == family
    ]


def shown(outcome: Outcome | None) -> str:
    """Return an outcome as "0.00 → 0.35 (0.20–0.50)"; empty where nothing was tried."""
    if outcome is None or outcome.attacked is None or outcome.plain is None:
        return ""
    ends = "" if outcome.interval is None else " ({:.2f}–{:.2f})".format(*outcome.interval)
    return f"{outcome.plain:.2f} → {outcome.attacked:.2f}{ends}"


def _row(finding: Finding, gates: GateParams) -> AttackRow:
    kind = attack_class(finding.attack)
    drawn = [curve for curve in finding.curves if curve.x != "variant"]
    return AttackRow(
        title=kind.title,
        score=kind.score,
        gives=finding.gives,
        concept=shown(finding.concept),
        strangers=shown(finding.strangers),
        retained=shown(_together(finding.retained)),
        gold=shown(finding.gold),
        excess="not measured" if finding.excess is None else f"{finding.excess:.2f}",
        control=CONTROL_WORDS[finding.control] if finding.control else "",
        alarm=finding.gated and finding.excess is not None and finding.excess > limit_of(finding, gates),
        budget=", ".join(f"{key.replace('_', ' ')} {value}" for key, value in finding.budget.items()),
        details=", ".join(
            f"{key.replace('_', ' ')} {value:.2f}"
            for key, value in finding.details.items()
            if value is not None
        ),
        curves=curves_svg(drawn),
        leaks=tuple(answer for answer in finding.said if answer.right)[:3],
        chart=attack_chart(finding),
    )


def _together(outcomes: Sequence[Outcome]) -> Outcome | None:
    measured = [outcome for outcome in outcomes if outcome.plain is not None and outcome.attacked is not None]
    if not measured:
        return None
    return Outcome(
        mean([outcome.plain or 0.0 for outcome in measured]),
        mean([outcome.attacked or 0.0 for outcome in measured]),
    )
