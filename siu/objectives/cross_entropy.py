"""Cross-entropy on answer tokens."""

import torch.nn.functional as F
from torch import Tensor

from siu.objectives.positions import AnswerPositions, StepTotals

_NO_LABEL = -(2**62)
"""A label that no position has."""


def weighted_cross_entropy(logits: Tensor, labels: Tensor, weights: Tensor, normaliser: float) -> Tensor:
    """Return the sum over positions of weight times negative log-likelihood, over the normaliser.

    Args:
        logits: (N, V) predictions at answer positions.
        labels: (N,) answer token ids; none may be missing, since the normaliser counts all.
        weights: (N,) loss weights.
        normaliser: What the sum is divided by: the sum of the weights over the whole step, so that splitting
            a step into micro-batches leaves the gradient unchanged.

    Returns:
        Scalar in float32 (float64 for float64 logits).

    Raises:
        IndexError: A label is no token id, such as -100, which would be left out of the sum alone.
    """
    precise = logits if logits.dtype.itemsize >= 4 else logits.float()
    return (
        F.cross_entropy(precise, labels, reduction="none", ignore_index=_NO_LABEL) * weights
    ).sum() / normaliser


def forget_cross_entropy(positions: AnswerPositions, totals: StepTotals) -> Tensor:
    """Return the weighted mean over the step's forget positions."""
    at = positions.forget
    return weighted_cross_entropy(
        positions.logits[at], positions.labels[at], positions.weights[at], totals.forget_weight
    )


def retained_cross_entropy(positions: AnswerPositions, totals: StepTotals) -> Tensor:
    """Return the weighted mean over the step's retained positions."""
    at = ~positions.forget
    return weighted_cross_entropy(
        positions.logits[at], positions.labels[at], positions.weights[at], totals.retained_weight
    )
