"""Self-distillation: the base model's own distribution with the answer's logits lowered."""

from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from siu.objectives.forget_answers import ForgetAnswers
from siu.objectives.objective import Positive, Weight
from siu.objectives.positions import AnswerPositions, Reading, StepTotals
from siu.objectives.retain_term import WithRetainTerm


class Undial(WithRetainTerm):
    """UNDIAL, self-distillation on adjusted logits (arXiv 2402.10052).

    Cross-entropy with softmax(reference logits - strength at the answer's own token), averaged over forget
    positions, + retain_weight * CE(retained). The paper retains nothing: retain_weight 0.
    """

    forget_answers: ClassVar[ForgetAnswers] = "original"
    reads: ClassVar[frozenset[Reading]] = frozenset({"logits", "reference"})

    strength: Positive = 10.0
    """How much the reference's logit of the answer's token is lowered (the paper's gamma)."""
    retain_weight: Weight = 0.0
    """Weight of the cross-entropy on retained samples; 0 draws none."""

    def forget_term(self, positions: AnswerPositions, totals: StepTotals) -> Tensor:
        """Return the distillation loss of the original answers."""
        at = positions.forget
        reference = positions.reference_log_probs[at]
        answer_token = F.one_hot(positions.labels[at], reference.shape[-1])
        target = (reference - self.strength * answer_token).softmax(-1)  # logits up to a constant
        log_probs = positions.logits[at].to(reference).log_softmax(-1)
        lost = (target * log_probs).masked_fill(target == 0, 0.0)  # also where both exclude an entry
        return -lost.sum() / totals.forget_positions
