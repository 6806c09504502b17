"""Min-K%: the least likely tokens of the answer."""

from typing import ClassVar

from siu.attacks.likelihoods import Likelihood
from siu.attacks.membership_attack import LikelihoodAttack
from siu.config.section import Rate
from siu.mmubench.metrics.min_k import min_k_score


class MinK(LikelihoodAttack):
    """Min-K% Prob (Shi et al. 2024, arXiv 2310.16789): mean log-probability of the least likely tokens."""

    title: ClassVar[str] = "Min-K%"

    k: Rate = 0.4
    """Share of the tokens that is read; SIU reads 40 %."""

    def member_score(self, likelihood: Likelihood) -> float:
        """Return the mean of the lowest log-probabilities."""
        return min_k_score(likelihood.log_probs, self.k)
