"""Answers made unlikely: SimNPO's preference term (arXiv 2410.07163)."""

import torch.nn.functional as F
from torch import Tensor

from siu.objectives.positions import AnswerPositions
from siu.objectives.sequences import answer_log_probs


def rejection(
    positions: AnswerPositions, at: Tensor, normaliser: float, *, beta: float, margin: float = 0.0
) -> Tensor:
    """Return the sum over answers of -2/beta * log sigmoid(-beta / length * log p(y) - margin) / normaliser.

    The gradient fades as an answer becomes unlikely, so that it stays bounded where gradient ascent does not.

    Args:
        positions: The answer positions of one micro-batch.
        at: (N,) bool, the positions of the answers to be made unlikely.
        normaliser: How many such answers the whole step has.
        beta: Inverse temperature.
        margin: The paper's gamma: how far below certainty the mean log-likelihood is pushed.

    Returns:
        Scalar in float32 (float64 for float64 logits).
    """
    logits = positions.logits[at]
    precise = logits if logits.dtype.itemsize >= 4 else logits.float()
    log_probs, lengths = answer_log_probs(precise.log_softmax(-1), positions.labels[at], positions.sample[at])
    return -2 / beta * F.logsigmoid(-beta / lengths * log_probs - margin).sum() / normaliser
