"""Means of what has no limits, such as perplexities, over independent units: Student's t."""

from collections.abc import Sequence

import numpy as np

from siu.statistics.shares import CONFIDENCE, Interval, Side


def mean_interval(
    values: Sequence[float], weights: Sequence[float], confidence: float = CONFIDENCE
) -> Interval | None:
    """Return the two-sided interval of a ratio of sums; None where `mean_bound` is.

    Args:
        values: (units,) what each unit adds to the numerator.
        weights: (units,) what it adds to the denominator; above 0.
        confidence: How often it holds the true ratio.
    """
    each = (1 + confidence) / 2
    low = mean_bound(values, weights, each, "lower")
    high = mean_bound(values, weights, each, "upper")
    return None if low is None or high is None else (low, high)


def mean_bound(
    values: Sequence[float], weights: Sequence[float], confidence: float = CONFIDENCE, side: Side = "lower"
) -> float | None:
    """Return the one-sided bound of a ratio of sums, its variance linearised (Cochran 1977, section 6.4).

    None for fewer than two units, and for units that all agree: they don't tell how far others lie.

    Args:
        values: (units,) what each unit adds to the numerator.
        weights: (units,) what it adds to the denominator; above 0.
        confidence: How sure the bound is, one-sided.
        side: Whether the true ratio is above or below it.
    """
    from scipy.special import stdtrit  # who only starts a batch need not wait for it

    units = len(values)
    numerator, denominator = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    if units < 2:
        return None
    ratio = numerator.sum() / denominator.sum()
    residuals = numerator - ratio * denominator
    error = float(np.sqrt(units / (units - 1) * (residuals**2).sum()) / denominator.sum())
    if error <= 1e-12 * max(1.0, abs(ratio)):  # rounding of equal units
        return None
    reach = float(stdtrit(units - 1, confidence)) * error
    return float(ratio) - reach if side == "lower" else float(ratio) + reach
