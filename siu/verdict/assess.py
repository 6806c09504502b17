"""From measurements and findings to a verdict: the only place where that is decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siu.attacks.gates import attack_reasons
from siu.config.params import GateParams
from siu.data.verdict_names import ORDER, VerdictName
from siu.mmubench.knowledge import Knowledge
from siu.verdict.assurance import Assurance
from siu.verdict.gate import Reading
from siu.verdict.gates import gates_of
from siu.verdict.scores import Scores

if TYPE_CHECKING:
    from siu.attacks.observation import Finding


@dataclass(frozen=True)
class Verdict:
    """What came of a request, and why.

    Attributes:
        verdict: ``erased`` if every gate is passed, by its bound where it was sampled; ``failed`` if the name
            still comes out on unseen pictures; ``damaged`` if it doesn't, but answers about others are lost
            or garbled; ``partial`` if another trace is left or an attack brings it back; ``unclear`` if
            nothing is broken and something is unproven or was not measured, or if it can't be told whether
            the base model knew the concept; ``not_known`` if it never did.
        assurance: How hard it was tested.
        reasons: One sentence per gate that is not passed; may quote answers.
        notes: What to know beside: gates that tell nothing.
        readings: What each gate says.
    """

    verdict: VerdictName
    assurance: Assurance = "records"
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()

    @property
    def words(self) -> str:
        """The verdict with its assurance, as people see it: ``erased (quick)``."""
        return f"{self.verdict} ({self.assurance})" if self.verdict in ORDER else self.verdict


def assess(
    before: Scores, after: Scores, findings: "Sequence[Finding]", gates: GateParams, assurance: Assurance
) -> Verdict:
    """Return the verdict on an unlearned concept.

    Args:
        before: Scores of the base model.
        after: Scores after unlearning.
        findings: What the attacks found.
        gates: Thresholds.
        assurance: What the attacks are worth.
    """
    readings = tuple(gate.read(before, after, gates.confidence) for gate in gates_of(gates))
    attacks = attack_reasons(findings, gates)
    reasons = (*(reading.sentence for reading in readings if reading.state != "passed"), *attacks)
    vacuous = [reading.vacuous_sentence for reading in readings if reading.is_vacuous]
    if after.values.get("text_facts_kept") is None and after.values.get("text_facts") is not None:
        vacuous.append("the base model answers none of its facts as text: nothing shows that they are kept")
    return Verdict(_name(readings, after, gates, attacks), assurance, reasons, tuple(vacuous), readings)


def verdict_on_unknown(knowledge: Knowledge, gates: GateParams) -> Verdict:
    """Return the verdict on a concept that nothing was trained for: ``not_known``, or ``unclear``.

    Args:
        knowledge: What the base model knows of it; not ``known``.
        gates: Thresholds.
    """
    state = knowledge.state(gates.known)
    return Verdict(
        "unclear" if state == "unclear" else "not_known", reasons=(knowledge.sentence(gates.known),)
    )


def strictest(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the worst of verdicts on one concept; the first of equals."""
    return max(verdicts, key=lambda verdict: ORDER.index(verdict.verdict))


def _name(
    readings: Sequence[Reading], after: Scores, gates: GateParams, attacks: Sequence[str]
) -> VerdictName:
    broken = {reading.gate.effect for reading in readings if reading.state == "broken"}
    if _is_named(after, gates):
        return "failed"
    if broken & {"named", "damage"}:
        return "damaged"
    if broken or attacks:
        return "partial"
    return "erased" if all(reading.state == "passed" for reading in readings) else "unclear"


def _is_named(after: Scores, gates: GateParams) -> bool:
    """Return whether the name itself still comes out; generality alone also falls by collapsed answers."""
    rate = after.values.get("naming_rate")
    return rate is not None and 1 - rate < gates.generality_em
