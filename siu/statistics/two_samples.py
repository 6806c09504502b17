"""Do two models give numbers of one distribution? A Kolmogorov-Smirnov test that respects clusters."""

from collections.abc import Hashable, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

DRAWS = 9999
"""Patterns that are drawn where there are more than that: from 14 clusters on."""


def clustered_ks(
    first: Sequence[float], second: Sequence[float], clusters: Sequence[Hashable]
) -> tuple[float, float]:
    """Return the Kolmogorov-Smirnov statistic of paired samples and its p-value over clusters.

    Several questions about one picture are no independent observations, and both models were asked the same
    ones. So the p-value is that of exchanging the models picture by picture, each with all its questions: the
    share of all exchanges whose statistic is at least as large. With four pictures it is at least .125.

    Args:
        first: (N,) numbers of one model; not empty.
        second: (N,) the other's, on the same questions.
        clusters: (N,) what a question is about, such as its picture.

    Returns:
        The statistic, 0 to 1, and the p-value; 0 and 1 for equal samples. Equal samples give equal values.
    """
    places = np.unique(np.array([*first, *second]))
    units = list(dict.fromkeys(clusters))
    steps = np.zeros((len(units), len(places)), dtype=np.int64)  # ours less theirs, counted up to each place
    for our, their, cluster in zip(first, second, clusters, strict=True):
        row = steps[units.index(cluster)]
        row[np.searchsorted(places, our) :] += 1
        row[np.searchsorted(places, their) :] -= 1
    furthest = abs(steps.sum(axis=0)).max()
    exchanged = abs(_signs(len(units)) @ steps).max(axis=1)
    extreme, patterns = int((exchanged >= furthest).sum()), len(exchanged)
    if patterns == DRAWS:  # the observed pattern is one of the possible ones, drawn or not
        extreme, patterns = extreme + 1, patterns + 1
    return float(furthest / len(first)), extreme / patterns


def _signs(units: int) -> NDArray[np.int64]:
    """Return (patterns, units) of 1 and -1: all there are, or `DRAWS` from a fixed seed."""
    if 2**units <= DRAWS:
        return np.array(list(product((1, -1), repeat=units)), dtype=np.int64)
    return np.random.default_rng(0).choice(np.array([1, -1], dtype=np.int64), size=(DRAWS, units))
