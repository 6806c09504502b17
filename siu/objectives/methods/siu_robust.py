"""SIU against attackers: its gradient also where relearning would take the weights."""

from siu.objectives.methods.siu import Siu
from siu.objectives.objective import Weight
from siu.objectives.perturbation import Perturbation
from siu.params_section import Count


class SiuRobust(Siu):
    """SIU (arXiv 2405.12523) made sharpness-aware against relearning (arXiv 2502.05374).

    The gradient of SIU's loss + perturbed_weight * that of the same loss at weights moved towards relearning.
    Which retained samples were answered worst (``unlearning.hard_share``) is noted there as well.
    """

    radius: Weight = 4.0
    """How far the weights are moved, at most: a Frobenius norm, which depends on the model; 0 is SIU."""
    ascent_steps: Count = 4
    """Steps of relearning that move them."""
    perturbed_weight: Weight = 1.0
    """Weight of the gradient at moved weights; 0 is SIU."""

    @property
    def perturbation(self) -> Perturbation | None:
        """Where the second gradient is taken."""
        if self.radius == 0 or self.perturbed_weight == 0:
            return None
        return Perturbation(self.radius, self.ascent_steps, self.perturbed_weight)
