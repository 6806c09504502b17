"""The worst answer that is left: quoted at the head of a report, with its picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from siu.attacks.gates import worst_leak as quoted_by
from siu.attacks.observation import Finding
from siu.attacks.registry import attack_class
from siu.config.params import GateParams
from siu.mmubench.leaks import leaking_records
from siu.mmubench.records import Records
from siu.report.metric_rows import described
from siu.verdict import Reading, Verdict

PLAIN = "asked plainly"
_EFFECTS = ("named", "trace")


@dataclass(frozen=True)
class Leak:
    """An answer that gives the concept away.

    Attributes:
        route: By which measurement or attack it came out.
        extent: How much comes out that way, and what is allowed.
        breaks: Whether that is more than a gate allows.
        question: What was asked; empty in a redacted report.
        answer: What was answered; empty in a redacted report.
        picture: The picture shown, if any.
        language: BCP 47 code of the question.
    """

    route: str
    extent: str
    breaks: bool
    question: str = ""
    answer: str = ""
    picture: Path | None = None
    language: str = "en"


def worst_leak(
    verdict: Verdict,
    records: Records,
    findings: Sequence[Finding],
    gates: GateParams,
    paths: Mapping[str, Path],
    pictures: Mapping[str, Path],
) -> Leak | None:
    """Return the worst answer; None if no answer that was asked for gives the concept away.

    What breaks a gate comes before what doesn't, and what plain questions bring out before what takes an
    attack; then the further from its limit, the worse.

    Args:
        verdict: The verdict that is shown.
        records: Records of the model state that is shown.
        findings: What the attacks on it found.
        gates: Limits.
        paths: Picture files by digest.
        pictures: Picture files of the concept by file name, for the attacks' answers.
    """
    plain = _by_questions(verdict, records, paths)
    attacked = _by_attacks(findings, gates, pictures)
    return next(iter(sorted((*plain, *attacked), key=lambda leak: not leak.breaks)), None)


def _by_questions(verdict: Verdict, records: Records, paths: Mapping[str, Path]) -> list[Leak]:
    leaking = leaking_records(records)
    readings = [
        reading
        for reading in verdict.readings
        if reading.gate.metric in leaking and reading.gate.effect in _EFFECTS and reading.value is not None
    ]
    leaks = []
    for reading in sorted(readings, key=_severity):
        question, answer = leaking[reading.gate.metric].question, leaking[reading.gate.metric].answer
        picture = paths[question.picture] if question.picture else None
        breaks = reading.state == "broken"
        leaks.append(Leak(PLAIN, extent(reading), breaks, question.text, answer, picture))
    return leaks


def _severity(reading: Reading) -> tuple[bool, int, float]:
    value = reading.value or 0.0
    margin = value - reading.gate.limit if reading.gate.side == "at_least" else reading.gate.limit - value
    return reading.state != "broken", _EFFECTS.index(reading.gate.effect), margin


def extent(reading: Reading) -> str:
    """Return a gate's value and limit in words, without any answer."""
    side = "at least" if reading.gate.side == "at_least" else "at most"
    value = "not measured" if reading.value is None else f"{reading.value:.3f}"
    return f"{described(reading.gate.metric).label} {value}, must be {side} {reading.gate.limit:g}"


def _by_attacks(findings: Sequence[Finding], gates: GateParams, pictures: Mapping[str, Path]) -> list[Leak]:
    leaks = []
    for finding in sorted(findings, key=lambda finding: -(finding.excess or 0.0)):
        quoted = quoted_by(finding)
        if quoted is None or not finding.gated or finding.excess is None:
            continue
        limit = limit_of(finding, gates)
        leaks.append(
            Leak(
                f"{attack_class(finding.attack).title} (attack)",
                f"brings back {finding.excess:.3f} beyond its control, at most {limit:g} is allowed",
                finding.excess > limit,
                quoted.question,
                quoted.answer,
                pictures.get(quoted.picture) if quoted.picture else None,
                quoted.language,
            )
        )
    return leaks


def limit_of(finding: Finding, gates: GateParams) -> float:
    """Return what an attack may bring back beyond its control."""
    return gates.answer_recovery if finding.gives == "answer" else gates.trace_recovery
