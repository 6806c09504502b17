"""LOSS: the whole answer's likelihood."""

from typing import ClassVar

from siu.attacks.likelihoods import Likelihood
from siu.attacks.membership_attack import LikelihoodAttack


class Loss(LikelihoodAttack):
    """LOSS (Yeom et al. 2018): the mean log-probability of the answer's tokens."""

    title: ClassVar[str] = "LOSS"

    def member_score(self, likelihood: Likelihood) -> float:
        """Return the mean log-probability."""
        return sum(likelihood.log_probs) / len(likelihood.log_probs)
