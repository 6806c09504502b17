"""The verdict on models of which it is known what has to come out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from siu.config.params import GateParams, Params
from siu.mmubench import Question, Records, scorecards, select
from siu.selfcheck.controls import ANOTHER, COLLAPSED, DENIES, NOISE, REFUSES
from siu.verdict import Verdict, VerdictName, assess
from siu.verdict.scores import scores_of

BASE, GOLD = "base model", "gold model"
EXPECTED: dict[str, VerdictName] = {
    BASE: "failed",
    ANOTHER: "failed",
    NOISE: "failed",
    REFUSES: "damaged",
    COLLAPSED: "damaged",
    DENIES: "damaged",
    GOLD: "erased",
}
"""Model to verdict."""


@dataclass(frozen=True)
class ControlResult:
    """What came out for one model.

    Attributes:
        model: One of `EXPECTED`.
        verdicts: By concept.
        changed: Share of all answers that differ from the base model's.
    """

    model: str
    verdicts: dict[str, Verdict]
    changed: float

    @property
    def expected(self) -> VerdictName:
        """What had to come out."""
        return EXPECTED[self.model]

    @property
    def right(self) -> int:
        """For how many concepts it did."""
        return sum(verdict.verdict == self.expected for verdict in self.verdicts.values())


def control_result(
    model: str,
    before: Records,
    after: Records,
    by_concept: Mapping[str, Sequence[Question]],
    params: Params,
) -> ControlResult:
    """Hold one model against the gates.

    The gold model never read the concept's facts either, so the gate that wants them kept is no gate for it,
    nor for what is made of its answers.

    Args:
        model: One of `EXPECTED`.
        before: The base model's records.
        after: This model's records.
        by_concept: Questions by concept.
        params: Gates and attacks.
    """
    gates = without_facts(params.gates) if model in (GOLD, DENIES) else params.gates
    verdicts = {}
    for concept, questions in by_concept.items():
        cards = scorecards(select(before, questions), select(after, questions))
        old, new = (scores_of(cards, state) for state in ("before", "after"))
        verdicts[concept] = assess(old, new, (), gates, "records")
    return ControlResult(model, verdicts, changed_share(before, after))


def without_facts(gates: GateParams) -> GateParams:
    """Return the gates for a model that never read the concept's facts as text."""
    return gates.model_copy(update={"text_facts": 0.0})


def changed_share(first: Records, second: Records) -> float:
    """Return the share of the other's answers that one has differently; 0 for no records."""
    different = sum(record.answer != first[key].answer for key, record in second.items())
    return different / len(second) if second else 0.0
