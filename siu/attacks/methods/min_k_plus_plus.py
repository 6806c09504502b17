"""Min-K%++: Min-K% after a z-score of each token."""

from typing import ClassVar

from siu.attacks.likelihoods import Likelihood
from siu.attacks.membership_attack import LikelihoodAttack
from siu.config.section import Rate
from siu.mmubench.metrics.min_k import min_k_score

_LEAST = 1e-6


class MinKPlusPlus(LikelihoodAttack):
    """Min-K%++ (Zhang et al. 2024, arXiv 2404.02936): each token against the whole distribution."""

    title: ClassVar[str] = "Min-K%++"

    k: Rate = 0.4
    """Share of the tokens that is read."""

    def member_score(self, likelihood: Likelihood) -> float:
        """Return the mean of the lowest z-scores."""
        rows = zip(likelihood.log_probs, likelihood.means, likelihood.deviations, strict=True)
        return min_k_score([(score - usual) / max(spread, _LEAST) for score, usual, spread in rows], self.k)
