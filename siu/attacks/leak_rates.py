"""leak@k: the chance that at least one of k sampled answers gives something away (arXiv 2511.04934)."""

from math import comb, expm1, log1p


def leak_by_probability(probability: float, k: int) -> float:
    """Return 1 − (1 − p)^k: the chance that one of k independent answers leaks.

    Args:
        probability: Of one answer; what rounding puts outside 0 to 1 is taken for the nearest end.
        k: Number of answers, at least 1.
    """
    if probability >= 1:
        return 1.0
    return -expm1(k * log1p(-max(0.0, probability)))


def leak_by_samples(leaks: int, samples: int, k: int) -> float:
    """Return 1 − C(n − c, k) / C(n, k): the unbiased estimate of the same from n answers of which c leak.

    Args:
        leaks: c, from 0 to n.
        samples: n, at least k: there is no unbiased estimate for more answers than were drawn.
        k: Number of answers, at least 1.

    Raises:
        ValueError: There are fewer samples than k.
    """
    if samples < k:
        raise ValueError(f"leak@{k} can't be estimated from {samples} samples: draw at least {k}")
    return 1.0 - comb(samples - leaks, k) / comb(samples, k)
