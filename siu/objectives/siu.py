"""SIU's objective: cross-entropy and Dual Masked KL divergence (arXiv 2405.12523, equation 6)."""

from dataclasses import dataclass

from torch import Tensor

from siu.objectives.cross_entropy import weighted_cross_entropy
from siu.objectives.dual_masked_kl import dual_masked_kl


@dataclass(frozen=True)
class AnswerPositions:
    """What an objective sees: every answer position of a micro-batch.

    Attributes:
        logits: (N, V) predictions of the model being unlearned.
        labels: (N,) answer token ids.
        weights: (N,) loss weights.
        reference_log_probs: (N, V) log-probabilities of the base model.
        token_mask: (N,) K_S.
        vocabulary_mask: (V,) K_V.
    """

    logits: Tensor
    labels: Tensor
    weights: Tensor
    reference_log_probs: Tensor
    token_mask: Tensor
    vocabulary_mask: Tensor


@dataclass(frozen=True)
class Normalisers:
    """Totals over a whole step, whatever its micro-batches.

    Attributes:
        weight: Sum of the loss weights of all answer positions.
        unmasked: Number of answer positions that survive the token mask; at least 1.
    """

    weight: float
    unmasked: float


@dataclass(frozen=True)
class SiuLoss:
    """The loss and its two unweighted parts, each a scalar."""

    total: Tensor
    cross_entropy: Tensor
    dual_masked_kl: Tensor


def siu_loss(positions: AnswerPositions, normalisers: Normalisers, *, alpha: float, beta: float) -> SiuLoss:
    """Return alpha times cross-entropy plus beta times Dual Masked KL divergence.

    Args:
        positions: The answer positions of one micro-batch.
        normalisers: The totals of its step.
        alpha: Weight of the cross-entropy; the paper's is 0.9.
        beta: Weight of the divergence; the paper's is 0.75.
    """
    cross_entropy = weighted_cross_entropy(
        positions.logits, positions.labels, positions.weights, normalisers.weight
    )
    divergence = dual_masked_kl(
        positions.logits,
        positions.reference_log_probs,
        positions.token_mask,
        positions.vocabulary_mask,
        normalisers.unmasked,
    )
    return SiuLoss(alpha * cross_entropy + beta * divergence, cross_entropy, divergence)
