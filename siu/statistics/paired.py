"""Does a method differ from the reference? An exact test on paired differences, and Holm's correction."""

from collections.abc import Mapping, Sequence

import numpy as np

DRAWS = 9999
"""Sign patterns that are drawn where there are more than that: from 14 concepts on."""


def sign_flip_p(differences: Sequence[float]) -> float | None:
    """Return the two-sided p-value of a mean difference, its sign flipped in every pattern (Fisher 1935).

    If both methods are alike, each difference could as well have the other sign. Nothing else is assumed, so
    few concepts can't show much: with four p is at least .125, with six .031, with eight .008.

    Args:
        differences: One mean per concept.

    Returns:
        The p-value; None for fewer than two differences.
    """
    if len(differences) < 2:
        return None
    if not np.any(differences):
        return 1.0
    from scipy.stats import permutation_test

    rounded = np.round(np.asarray(differences, dtype=np.float64), 12)  # equal patterns must tie
    test = permutation_test(
        (rounded,), _mean, permutation_type="samples", vectorized=True, n_resamples=DRAWS, random_state=0
    )
    return float(test.pvalue)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values that hold for the whole family (Holm 1979, Scand. J. Statist. 6)."""
    adjusted, highest = {}, 0.0
    for rank, (name, p_value) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_value))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}


def _mean(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], axis: int) -> np.float64:
    mean: np.float64 = np.mean(values, axis=axis)
    return mean
