"""SIU against attackers: the old name made unlikely, and all of it also where relearning would lead."""

from siu.config.section import Count, Share, SuffixLength
from siu.objectives.methods.siu import Siu
from siu.objectives.objective import ObjectiveLoss, Positive, Weight
from siu.objectives.perturbation import Perturbation
from siu.objectives.positions import AnswerPositions, StepTotals
from siu.objectives.rejection import rejection
from siu.objectives.suffixes import Suffixes


class SiuRobust(Siu):
    """SIU (arXiv 2405.12523) with SimNPO's term (2410.07163), sharpness-aware (2502.05374).

    L = SIU's loss + rejection_weight * mean over the base model's own answers that name the concept of
    -2/rejection_beta * log sigmoid(-rejection_beta / length * log p(y)); y are the tokens of the name behind
    its first one, which other names begin with too. Some questions end with tokens that an attacker would
    have searched (R2D2, 2402.04249). The gradient is that of L + perturbed_weight * that of L at weights
    moved towards relearning. Which retained samples are most damaged (``unlearning.hard_share``) is noted
    there.
    """

    rejection_weight: Weight = 0.1
    """Weight of the term that makes the base model's own names for the concept unlikely; 0 is without."""
    rejection_beta: Positive = 2.5
    """Inverse temperature of that term."""
    radius: Weight = 4.0
    """How far the weights are moved, at most: a Frobenius norm, which depends on the model; 0 moves none."""
    ascent_steps: Count = 4
    """Steps of relearning that move them."""
    perturbed_weight: Weight = 1.0
    """Weight of the gradient at moved weights; 0 takes none there."""
    suffix_share: Share = 0.25
    """Chance that a question who is in a concept's picture has a searched suffix; 0 searches none."""
    suffix_pool: Count = 4
    """Suffixes that are kept for each concept."""
    suffix_tokens: SuffixLength = 12
    """Length of a suffix."""
    suffix_tried: Count = 16
    """Replacements that are tried in a step, for one token of one suffix."""

    @property
    def uses_rejected(self) -> bool:
        """Whether the old names are made unlikely."""
        return self.rejection_weight > 0

    @property
    def perturbation(self) -> Perturbation | None:
        """Where the second gradient is taken."""
        if self.radius == 0 or self.perturbed_weight == 0:
            return None
        return Perturbation(self.radius, self.ascent_steps, self.perturbed_weight)

    @property
    def suffixes(self) -> Suffixes | None:
        """What some questions are asked with."""
        if self.suffix_share == 0:
            return None
        return Suffixes(self.suffix_share, self.suffix_pool, self.suffix_tokens, self.suffix_tried)

    def loss(self, positions: AnswerPositions, totals: StepTotals) -> ObjectiveLoss:
        """Return SIU's loss plus the weighted rejection of the old names."""
        siu = super().loss(positions, totals)
        if not self.uses_rejected:
            return siu
        rejected = rejection(positions, positions.rejected, totals.rejected_samples, beta=self.rejection_beta)
        total = siu.total + self.rejection_weight * rejected
        return ObjectiveLoss(total, {**siu.parts, "rejected": rejected})
