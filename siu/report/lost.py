"""What was lost: how far the measures of what must stay fell, first on concepts that no training saw."""

from dataclasses import dataclass

from siu.config.params import GateParams
from siu.mmubench.metric_definition import Values
from siu.report.metric_rows import described
from siu.verdict.gates import gates_of

MUST_STAY = (
    "held_out_names",
    "held_out_groups",
    "held_out_yes_no",
    "held_out_attributes",
    "held_out_facts",
    "specificity_names",
    "groups",
    "specificity_yes_no",
    "specificity_attributes",
    "specificity_facts",
    "look_alikes",
    "strangers",
    "text_facts",
    "own_attributes",
)
"""In the order in which they are told: what nothing repaired says most of the damage."""
_SEEN = 0.0005
"""A fall that three decimals show."""


@dataclass(frozen=True)
class Fall:
    """A measure of what must stay, before and after.

    Attributes:
        label: Its short name.
        meaning: What it says.
        before: Value of the base model.
        after: Value after unlearning.
        limit: How far it may fall; None where no gate says so.
    """

    label: str
    meaning: str
    before: float
    after: float
    limit: float | None = None

    @property
    def drop(self) -> float:
        """How far it fell; negative if it rose."""
        return self.before - self.after

    @property
    def breaks(self) -> bool:
        """Whether it fell further than its gate allows."""
        return self.limit is not None and self.drop > self.limit


def measured_falls(before: Values, after: Values, gates: GateParams) -> list[Fall]:
    """Return what of it was measured in both states, in the order of `MUST_STAY`."""
    limits = {gate.metric: gate.limit for gate in gates_of(gates) if gate.drop}
    return [
        Fall(described(key).label, described(key).meaning, old, new, limits.get(key))
        for key in MUST_STAY
        if (old := before.get(key)) is not None and (new := after.get(key)) is not None
    ]


def lost(before: Values, after: Values, gates: GateParams) -> list[Fall]:
    """Return what fell: first what broke its gate, then in the order of `MUST_STAY`."""
    fell = [fall for fall in measured_falls(before, after, gates) if fall.drop > _SEEN]
    return sorted(fell, key=lambda fall: not fall.breaks)
