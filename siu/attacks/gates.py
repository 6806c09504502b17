"""What attacks say about a verdict."""

from collections.abc import Sequence

from siu.attacks.observation import Finding
from siu.params import GateParams


def attack_reasons(findings: Sequence[Finding], gates: GateParams) -> tuple[str, ...]:
    """Return a reason for each attack that brings back more than its gate allows.

    What was not measured gives none: a profile decides what is tried.
    """
    limits = {"answer": gates.answer_recovery, "trace": gates.trace_recovery}
    return tuple(
        f"{one.attack} brings back {one.excess:.3f}, above {limits[one.gives]:g}"
        for one in findings
        if one.gated and one.excess is not None and one.excess > limits[one.gives]
    )
