"""Area under the ROC curve."""

from collections.abc import Sequence


def roc_auc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Return the probability that a positive scores above a negative, ties counting half (Mann-Whitney).

    Args:
        positives: Scores that should be high; not empty.
        negatives: Scores that should be low; not empty.
    """
    wins = sum(
        1.0 if positive > negative else 0.5 if positive == negative else 0.0
        for positive in positives
        for negative in negatives
    )
    return wins / (len(positives) * len(negatives))


def two_sided(auc: float) -> float:
    """Return the larger of an AUC and 1 − AUC: how well a score tells two sides apart, whichever way."""
    return max(auc, 1 - auc)


def true_positive_rate(
    positives: Sequence[float], negatives: Sequence[float], false_positives: float
) -> float:
    """Return the share of positives above the threshold that lets at most a share of negatives through.

    With fewer than 1 / ``false_positives`` negatives the threshold is the highest negative.

    Args:
        positives: Scores that should be high; not empty.
        negatives: Scores that should be low; not empty.
        false_positives: Share of negatives, at least 0 and below 1.
    """
    allowed = int(false_positives * len(negatives))
    threshold = sorted(negatives, reverse=True)[allowed]
    return sum(score > threshold for score in positives) / len(positives)
