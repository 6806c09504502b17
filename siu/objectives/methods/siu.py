"""SIU: cross-entropy and Dual Masked KL divergence."""

from collections.abc import Sequence
from typing import ClassVar, Self

import torch
from pydantic import model_validator
from torch import Tensor

from siu.config.section import Share
from siu.objectives.cross_entropy import weighted_cross_entropy
from siu.objectives.dual_masked_kl import dual_masked_kl
from siu.objectives.forget_answers import ForgetAnswers
from siu.objectives.masks import extreme_positions
from siu.objectives.objective import Objective, ObjectiveLoss, Weight
from siu.objectives.positions import AnswerPositions, Reading, StepTotals


class Siu(Objective):
    """Single Image Unlearning (arXiv 2405.12523, equation 6).

    alpha * CE(all samples) + beta * DMK(all samples), the divergence averaged over unmasked positions.
    """

    forget_answers: ClassVar[ForgetAnswers] = "substitute"
    reads: ClassVar[frozenset[Reading]] = frozenset({"logits", "reference"})

    alpha: Weight = 0.9
    """Weight of the cross-entropy."""
    beta: Weight = 0.75
    """Weight of the Dual Masked KL divergence."""
    specified_mask: bool = True
    """Whether tokens that contradict the base model's knowledge are masked (K_S)."""
    extreme_probability: Share | None = 0.95
    """Positions where the base model gives the concept's name at least this probability are masked (K_S)."""
    name_mask: bool = True
    """Whether the vocabulary entries of the concept's name are masked (K_V)."""

    @model_validator(mode="after")
    def _some_loss(self) -> Self:
        if self.alpha == 0 and self.beta == 0:
            raise ValueError(
                "alpha and beta are both 0, so there is no loss; give one of them a positive value"
            )
        return self

    def loss(self, positions: AnswerPositions, totals: StepTotals) -> ObjectiveLoss:
        """Return alpha times cross-entropy plus beta times Dual Masked KL divergence."""
        cross_entropy = weighted_cross_entropy(
            positions.logits, positions.labels, positions.weights, totals.weight
        )
        divergence = dual_masked_kl(
            positions.logits,
            positions.reference_log_probs,
            positions.token_mask,
            positions.vocabulary_mask if self.name_mask else torch.ones_like(positions.vocabulary_mask),
            self._divisor(positions, totals),
        )
        total = self.alpha * cross_entropy + self.beta * divergence
        return ObjectiveLoss(total, {"cross_entropy": cross_entropy, "dual_masked_kl": divergence})

    def token_mask(self, specified: Tensor, reference_log_probs: Tensor, name_ids: Sequence[int]) -> Tensor:
        """Return K_S: 0 at specified tokens, and where the base model's name probability is extreme."""
        masked = specified if self.specified_mask else torch.zeros_like(specified)
        if self.extreme_probability is not None:
            masked = masked | extreme_positions(reference_log_probs, name_ids, self.extreme_probability)
        return (~masked).float()

    def _divisor(self, positions: AnswerPositions, totals: StepTotals) -> float:
        return totals.unmasked
