"""Shares measured over independent units, each asked once or several times: exact intervals and bounds.

Questions about one picture share what the model sees, so a picture is one observation, however many
questions it is asked. Its share of answers that pass counts as a success in part: `siu.statistics.exact` with
a fraction. A unit that passes in part varies less than one that passes or doesn't, so this errs on the safe
side (measured in tests/siu/statistics/test_coverage.py).
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from siu.statistics.exact import lower_bound, upper_bound

Interval = tuple[float, float]
"""Lower and upper end."""
Side = Literal["lower", "upper"]
CONFIDENCE = 0.95


def share_interval(
    values: Sequence[float], weights: Sequence[float], confidence: float = CONFIDENCE
) -> Interval | None:
    """Return the two-sided interval of a share; None for fewer than two units, which tell nothing of others.

    20 units that all pass give .832 to 1, not a point.

    Args:
        values: (units,) what passed of each unit, 0 to its weight.
        weights: (units,) how much each counts, such as its number of answers; above 0.
        confidence: How often it holds the true share.
    """
    if len(values) < 2:
        return None
    each = (1 + confidence) / 2
    return share_bound(values, weights, each, "lower"), share_bound(values, weights, each, "upper")


def share_bound(
    values: Sequence[float], weights: Sequence[float], confidence: float = CONFIDENCE, side: Side = "lower"
) -> float:
    """Return the exact one-sided bound of a share; without units 0 from below and 1 from above.

    Units that count unequally are worth fewer equal ones.

    Args:
        values: (units,) what passed of each unit, 0 to its weight.
        weights: (units,) how much each counts; above 0.
        confidence: How sure the bound is, one-sided.
        side: Whether the true share is above or below it.
    """
    bound = lower_bound if side == "lower" else upper_bound
    trials = equal_units(weights)
    share = float(np.sum(values)) / float(np.sum(weights)) if trials else 0.0
    return bound(share * trials, trials, confidence)


def equal_units(weights: Sequence[float]) -> float:
    """Return how many units of equal weight are worth as much (Kish 1965, Survey Sampling, section 11.7)."""
    array = np.asarray(weights, dtype=np.float64)
    return float(array.sum() ** 2 / (array**2).sum()) if len(array) else 0.0
