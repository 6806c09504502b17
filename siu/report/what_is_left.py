"""The answer to "what is left?" in a sentence or two."""

from collections.abc import Sequence

from siu.attacks.gates import worst_leak
from siu.attacks.observation import CONTROL_WORDS, Finding
from siu.attacks.registry import attack_class
from siu.config.params import GateParams
from siu.report.worst_leak import limit_of


def what_is_left(findings: Sequence[Finding], gates: GateParams) -> str:
    """Return how many attacks bring a concept back, by which most, and what it then answers.

    Args:
        findings: What each attack found.
        gates: What an attack may bring back beyond its control.
    """
    measured = [
        (finding.excess > limit_of(finding, gates), finding.excess, finding)
        for finding in findings
        if finding.gated and finding.excess is not None
    ]
    if not measured:
        return "That was not measured: no attack that was made can tell."
    _, excess, worst = max(measured, key=lambda entry: entry[:2])  # a trace may be left without counting
    over = sum(is_over for is_over, _, _ in measured)
    control = CONTROL_WORDS[worst.control] if worst.control else "no control, for none was measured"
    beyond = f"{excess:.3f} beyond {control}"
    title = attack_class(worst.attack).title
    if excess <= 0:
        return f"None of {len(measured)} attacks brings anything back beyond its control."
    if not over:
        return (
            f"None of {len(measured)} attacks brings back more than is allowed; "
            f"most comes back by {title}, {beyond}."
        )
    return f"{over} of {len(measured)} attacks bring it back, most {title}: {beyond}.{_quote(worst)}"


def _quote(finding: Finding) -> str:
    leak = worst_leak(finding)
    return f" Asked “{leak.question}”, it answers “{leak.answer}”." if leak else ""
