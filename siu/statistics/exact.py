"""Exact one-sided bounds of a binomial share (Clopper and Pearson 1934, Biometrika 26)."""

from math import ceil, log


def lower_bound(successes: float, trials: float, confidence: float = 0.95) -> float:
    """Return the largest share that the data exclude from below: the true one is above it.

    20 of 20 have a lower bound of .861, 59 of 59 one of .950. No trials and no successes give 0.

    Args:
        successes: Units that passed, 0 to `trials`; a unit that passed in part adds a fraction.
        trials: Independent units; a fraction where they count unequally.
        confidence: How sure the bound is, one-sided.
    """
    from scipy.special import betaincinv  # who only starts a batch need not wait for it

    if successes <= 0:
        return 0.0
    return float(betaincinv(successes, trials - successes + 1, 1 - confidence))


def upper_bound(successes: float, trials: float, confidence: float = 0.95) -> float:
    """Return the smallest share that the data exclude from above; no trials give 1. See `lower_bound`."""
    return 1.0 - lower_bound(trials - successes, trials, confidence)


def trials_needed(gate: float, confidence: float = 0.95) -> int:
    """Return how many units must all pass before their lower bound reaches a gate.

    Args:
        gate: Share that must be reached, at least 0 and below 1: .95 needs 59 units, .9 needs 29.
        confidence: How sure the bound is, one-sided.
    """
    return 0 if gate <= 0 else ceil(log(1 - confidence) / log(gate))
