"""Preference optimisation: the concept's questions are refused."""

from typing import ClassVar

from torch import Tensor

from siu.objectives.cross_entropy import forget_cross_entropy
from siu.objectives.forget_answers import ForgetAnswers
from siu.objectives.positions import AnswerPositions, Reading, StepTotals
from siu.objectives.retain_term import WithRetainTerm


class Po(WithRetainTerm):
    """Preference Optimization (TOFU, arXiv 2401.06121).

    CE(refusals) + retain_weight * CE(retained). SIU's paper has the refusals alone: retain_weight 0.
    """

    forget_answers: ClassVar[ForgetAnswers] = "refusal"
    reads: ClassVar[frozenset[Reading]] = frozenset({"logits"})

    def forget_term(self, positions: AnswerPositions, totals: StepTotals) -> Tensor:
        """Return the cross-entropy of refusals."""
        return forget_cross_entropy(positions, totals)
