"""ZLIB: likelihood by the answer's compressed length."""

import zlib
from typing import ClassVar

from siu.attacks.likelihoods import Likelihood
from siu.attacks.membership_attack import LikelihoodAttack


class ZlibRatio(LikelihoodAttack):
    """ZLIB (Carlini et al. 2021): log-probability over the length of the compressed answer.

    Members and non-members share one answer here, so it ranks them as LOSS does.
    """

    title: ClassVar[str] = "ZLIB"

    def member_score(self, one: Likelihood) -> float:
        """Return the log-probability per compressed byte."""
        return sum(one.log_probs) / len(zlib.compress(one.answer.encode()))
