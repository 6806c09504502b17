"""What attacks say about a verdict."""

from collections.abc import Sequence

from siu.attacks.observation import CONTROL_WORDS, Finding, QuotedAnswer
from siu.config.params import GateParams


def attack_reasons(findings: Sequence[Finding], gates: GateParams) -> tuple[str, ...]:
    """Return a reason for each attack that brings back more than its gate allows.

    What was not measured gives none: a profile decides what is tried.
    """
    limits = {"answer": gates.answer_recovery, "trace": gates.trace_recovery}
    return tuple(
        _reason(finding, finding.excess, limits[finding.gives])
        for finding in findings
        if finding.gated and finding.excess is not None and finding.excess > limits[finding.gives]
    )


def _reason(finding: Finding, excess: float, limit: float) -> str:
    what = f"{finding.attack} brings back {excess:.3f}{_beyond(finding)}"
    return f"{what}, above {limit:g}{_leak(finding)}"


def _beyond(finding: Finding) -> str:
    """Return what the recovery was held against."""
    return f" beyond {CONTROL_WORDS[finding.control]}" if finding.control else ""


def _leak(finding: Finding) -> str:
    """Return the worst answer that gives the concept away, where the attack has answers."""
    leak = worst_leak(finding)
    if leak is None:
        return ""
    language = "" if leak.language == "en" else f" in {leak.language}"
    return f' (asked{language} "{leak.question}": "{leak.answer}")'


def worst_leak(finding: Finding) -> QuotedAnswer | None:
    """Return an answer that gives the concept away, of the variant that gives most away if it has one."""
    leaks = [answer for answer in finding.said if answer.right]
    return next((answer for answer in leaks if answer.variant == finding.worst), leaks[0] if leaks else None)
