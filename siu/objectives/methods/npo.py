"""Negative preference optimisation: ascent that fades as the answer's likelihood falls."""

from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from siu.objectives.forget_answers import ForgetAnswers
from siu.objectives.objective import Positive
from siu.objectives.positions import AnswerPositions, Reading, StepTotals
from siu.objectives.retain_term import WithRetainTerm
from siu.objectives.sequences import answer_log_probs


class Npo(WithRetainTerm):
    """Negative Preference Optimization (arXiv 2404.05868), with its retain term.

    -2/beta * mean over forget answers of log sigmoid(-beta * log(p(y) / p_ref(y)))
    + retain_weight * CE(retained).
    """

    forget_answers: ClassVar[ForgetAnswers] = "original"
    reads: ClassVar[frozenset[Reading]] = frozenset({"logits", "reference"})

    beta: Positive = 0.1
    """Inverse temperature: towards 0 it becomes gradient ascent."""

    def forget_term(self, positions: AnswerPositions, totals: StepTotals) -> Tensor:
        """Return the negative preference loss of the original answers."""
        at = positions.forget
        labels, sample = positions.labels[at], positions.sample[at]
        reference, _ = answer_log_probs(positions.reference_log_probs[at], labels, sample)
        log_probs, _ = answer_log_probs(positions.logits[at].to(reference).log_softmax(-1), labels, sample)
        return (
            -2 / self.beta * F.logsigmoid(-self.beta * (log_probs - reference)).sum() / totals.forget_samples
        )
