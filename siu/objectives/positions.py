"""What an objective sees: the answer positions of a micro-batch, and totals over its whole step.

Shapes: N answer positions, V vocabulary, D hidden size.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Reading = Literal["logits", "reference", "hidden"]
"""What an objective needs beside the answers' tokens; nothing else is computed for it."""


@dataclass(frozen=True)
class AnswerPositions:
    """Every answer position of a micro-batch; the positions of one sample are never in two of them.

    Attributes:
        labels: (N,) answer token ids.
        weights: (N,) loss weights.
        sample: (N,) which sample of the micro-batch a position belongs to, from 0.
        forget: (N,) bool, True where the sample is about what is forgotten, False where it is retained.
        rejected: (N,) bool, True where an answer that the base model gives spells a name which it shall no
            longer give. All of such an answer has weight 0 and is masked: nothing teaches it or holds it to
            the reference.
        token_mask: (N,) K_S: 0 at masked positions, 1 elsewhere.
        vocabulary_mask: K_V: 0 at the concept's name tokens, 1 elsewhere; (V,), or (N, V) where several
            concepts are forgotten: each sample has its own concept's.
        logits: (N, V) predictions of the model being unlearned; (0, V) unless read.
        reference_log_probs: (N, V) log-probabilities of the base model; (0, V) unless read.
        hidden: (N, D) hidden states of the model being unlearned at one layer; (0, 0) unless read.
        reference_hidden: (N, D) the base model's; (0, 0) unless read.
    """

    labels: Tensor
    weights: Tensor
    sample: Tensor
    forget: Tensor
    rejected: Tensor
    token_mask: Tensor
    vocabulary_mask: Tensor
    logits: Tensor
    reference_log_probs: Tensor
    hidden: Tensor
    reference_hidden: Tensor


@dataclass(frozen=True)
class StepTotals:
    """Totals over a whole step, whatever its micro-batches: what sums are divided by.

    A total over nothing is 1, so that an empty sum stays 0.

    Attributes:
        weight: Sum of the loss weights of all answer positions.
        unmasked: Number of answer positions that survive the token mask.
        forget_weight: Sum of the loss weights of the forget samples' positions.
        retained_weight: Sum of the loss weights of the retained samples' positions.
        forget_positions: Number of the forget samples' positions.
        retained_positions: Number of the retained samples' positions.
        forget_samples: Number of forget samples.
        rejected_samples: Number of rejected answers.
    """

    weight: float
    unmasked: float
    forget_weight: float
    retained_weight: float
    forget_positions: float
    retained_positions: float
    forget_samples: float
    rejected_samples: float

    @classmethod
    def of(
        cls, weights: Tensor, token_mask: Tensor, forget: Tensor, rejected: Tensor, sample: Tensor
    ) -> "StepTotals":
        """Count a step's positions.

        Args:
            weights: (N,) loss weights of all positions of the step.
            token_mask: (N,) K_S.
            forget: (N,) bool.
            rejected: (N,) bool.
            sample: (N,) which sample of the step a position belongs to.
        """
        weights, unmasked = weights.double(), token_mask.double()
        sums = (
            weights.sum(),
            unmasked.sum(),
            weights[forget].sum(),
            weights[~forget].sum(),
            forget.sum(),
            (~forget).sum(),
            torch.unique(sample[forget]).numel(),
            torch.unique(sample[rejected]).numel(),
        )
        return cls(*(float(total) or 1.0 for total in sums))
