"""What attacks say about a verdict."""

from collections.abc import Sequence

from siu.attacks.observation import CONTROL_WORDS, Finding, Said
from siu.config.params import GateParams


def attack_reasons(findings: Sequence[Finding], gates: GateParams) -> tuple[str, ...]:
    """Return a reason for each attack that brings back more than its gate allows.

    What was not measured gives none: a profile decides what is tried.
    """
    limits = {"answer": gates.answer_recovery, "trace": gates.trace_recovery}
    return tuple(
        f"{one.attack} brings back {one.excess:.3f}{_beyond(one)}, above {limits[one.gives]:g}{_leak(one)}"
        for one in findings
        if one.gated and one.excess is not None and one.excess > limits[one.gives]
    )


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


def worst_leak(finding: Finding) -> Said | None:
    """Return an answer that gives the concept away, of the variant that gives most away if it has one."""
    leaks = [said for said in finding.said if said.right]
    return next((said for said in leaks if said.variant == finding.worst), leaks[0] if leaks else None)
