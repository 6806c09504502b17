"""SIU as its authors' released scripts compute it."""

from siu.objectives.methods.siu import Siu
from siu.objectives.objective import Weight
from siu.objectives.positions import AnswerPositions, StepTotals


class SiuReleased(Siu):
    """Single Image Unlearning as released (code of arXiv 2405.12523).

    CE(all samples) + DMK(all samples), weighed 1:1; the divergence is summed over unmasked positions and
    divided by the number of vocabulary entries.
    """

    alpha: Weight = 1.0
    """Weight of the cross-entropy."""
    beta: Weight = 1.0
    """Weight of the Dual Masked KL divergence."""

    def _divisor(self, positions: AnswerPositions, totals: StepTotals) -> float:
        return float(positions.vocabulary_mask.shape[-1])
