"""Membership inference by Min-K% Prob (Shi et al. 2024, arXiv 2310.16789; K = 40 % in SIU)."""

import math
from collections.abc import Sequence

from siu.attacks.roc import roc_auc, two_sided
from siu.mmubench.records import Records, with_purpose


def min_k_score(log_probs: Sequence[float], k: float) -> float:
    """Return the mean of the lowest ``k`` share of the token log-probabilities; at least one token.

    Args:
        log_probs: Log-probabilities of the answer tokens; not empty.
        k: Share in (0, 1].
    """
    count = max(1, math.floor(k * len(log_probs)))
    return sum(sorted(log_probs)[:count]) / count


def min_k_auc(records: Records, k: float) -> float | None:
    """Return how well Min-K% tells the concept's pictures from strangers'.

    A model that never saw the concept doesn't give 0.5 either: how pictures look moves it anywhere between.

    Members are the concept's unseen pictures answered with its name; matched non-members are strangers of the
    same kind with the very same answer, which the model never learned. None if either side is empty.
    """
    members = [min_k_score(one.expected_log_probs, k) for one in with_purpose(records, "name")]
    others = [min_k_score(one.expected_log_probs, k) for one in with_purpose(records, "stranger_as_concept")]
    return roc_auc(members, others) if members and others else None


def min_k_two_sided(records: Records, k: float) -> float | None:
    """Return the larger of `min_k_auc` and 1 minus it: an AUC of 0 gives members away as one of 1 does.

    A mean over concepts wants this one, since AUCs on both sides of 0.5 cancel out.
    """
    auc = min_k_auc(records, k)
    return None if auc is None else two_sided(auc)
