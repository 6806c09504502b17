"""Negative preference optimisation without a reference, by the answer's mean log-likelihood."""

from typing import ClassVar

from torch import Tensor

from siu.objectives.forget_answers import ForgetAnswers
from siu.objectives.objective import Positive, Weight
from siu.objectives.positions import AnswerPositions, Reading, StepTotals
from siu.objectives.rejection import rejection
from siu.objectives.retain_term import WithRetainTerm


class Simnpo(WithRetainTerm):
    """SimNPO (arXiv 2410.07163), with its retain term.

    -2/beta * mean over forget answers of log sigmoid(-beta / length * log p(y) - margin)
    + retain_weight * CE(retained).
    """

    forget_answers: ClassVar[ForgetAnswers] = "original"
    reads: ClassVar[frozenset[Reading]] = frozenset({"logits"})

    beta: Positive = 2.5
    """Inverse temperature."""
    margin: Weight = 0.0
    """The paper's gamma: how far below certainty the mean log-likelihood is pushed."""

    def forget_term(self, positions: AnswerPositions, totals: StepTotals) -> Tensor:
        """Return the preference loss of the original answers."""
        return rejection(
            positions, positions.forget, totals.forget_samples, beta=self.beta, margin=self.margin
        )
