"""Membership inference by Min-K% Prob (Shi et al. 2024, arXiv 2310.16789; K = 40 % in SIU)."""

import math
from collections.abc import Sequence

from siu.mmubench.metric_definition import defined
from siu.mmubench.ratios import WholeMetric
from siu.mmubench.records import Records, with_purpose
from siu.statistics.roc import roc_auc, two_sided


def min_k_score(log_probs: Sequence[float], k: float) -> float:
    """Return the mean of the lowest ``k`` share of the token log-probabilities; at least one token.

    Args:
        log_probs: Log-probabilities of the answer tokens; not empty.
        k: Share in (0, 1].
    """
    count = max(1, math.floor(k * len(log_probs)))
    return sum(sorted(log_probs)[:count]) / count


@defined(
    "Min-K% AUC",
    "membership told from the likelihood; 0.5 is none",
    "→ 0.5",
    order=150,
    group="attack",
    unit="AUC",
    is_brief=True,
)
@WholeMetric
def min_k_auc(records: Records, k: float) -> float | None:
    """Area under the ROC curve of Min-K% Prob (arXiv 2310.16789) on the answer that gives the true name.

    K is `attacks.min_k`, 40 % as in SIU; 0.5 is forgotten. A model that never saw the concept
    doesn't give 0.5 either: how pictures look moves it anywhere between.

    Members are the concept's unseen pictures answered with its name; matched non-members are strangers of the
    same kind with the very same answer, which the model never learned. None if either side is empty.
    """
    members = [min_k_score(record.expected_log_probs, k) for record in with_purpose(records, "name")]
    strangers = with_purpose(records, "stranger_as_concept")
    unseen = [min_k_score(record.expected_log_probs, k) for record in strangers]
    return roc_auc(members, unseen) if members and unseen else None


@defined(
    "Min-K% two-sided",
    "the larger of that AUC and 1 − AUC",
    "↓",
    order=160,
    group="attack",
    unit="AUC",
    is_brief=True,
)
@WholeMetric
def min_k_two_sided(records: Records, k: float) -> float | None:
    """The larger of `min_k_auc` and 1 minus it: an AUC of 0 gives members away as one of 1 does; ↓.

    A mean over concepts wants this one, since AUCs on both sides of 0.5 cancel out.
    """
    auc = min_k_auc(records, k)
    return None if auc is None else two_sided(auc)
