"""Objectives made of a forget term and cross-entropy on what is retained."""

from abc import abstractmethod

from torch import Tensor

from siu.objectives.cross_entropy import retained_cross_entropy
from siu.objectives.objective import Objective, ObjectiveLoss, Weight
from siu.objectives.positions import AnswerPositions, StepTotals


class WithRetainTerm(Objective):
    """A forget term + retain_weight * CE(retained)."""

    retain_weight: Weight = 1.0
    """Weight of the cross-entropy on retained samples; 0 draws none."""

    @property
    def uses_retained(self) -> bool:
        """Whether retained samples count."""
        return self.retain_weight > 0

    def loss(self, positions: AnswerPositions, totals: StepTotals) -> ObjectiveLoss:
        """Return the forget term plus the weighted cross-entropy on retained samples."""
        forget = self.forget_term(positions, totals)
        retained = retained_cross_entropy(positions, totals)
        return ObjectiveLoss(forget + self.retain_weight * retained, {"forget": forget, "retained": retained})

    @abstractmethod
    def forget_term(self, positions: AnswerPositions, totals: StepTotals) -> Tensor:
        """Return the share of the step's forget term that a micro-batch adds."""
