"""Shares of pictures, with exact intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from siu.attacks.observation import UNMEASURED, Interval, Outcome
from siu.statistics.exact import lower_bound, upper_bound

TAIL = 0.975
"""Confidence of each end: both together hold 95 %."""


@dataclass(frozen=True)
class Share:
    """What one question adds.

    Attributes:
        unit: What counts as one: the picture, whatever number of questions it was asked; else the question.
        value: From 0 to 1.
    """

    unit: str
    value: float


def share_interval(share: float, units: int) -> Interval | None:
    """Return the 95 % interval of a mean share over independent units (`siu.statistics.exact`).

    0 of 8 pictures end at 0.37, not at 0: so many may be named and eight not show it. A unit that counts in
    part is taken as it is. None without units.
    """
    if not units:
        return None
    return lower_bound(share * units, units, TAIL), upper_bound(share * units, units, TAIL)


def worst_share(plain: float | None, variants: Mapping[str, Sequence[Share]]) -> Outcome:
    """Return the outcome of the variant with the highest mean; unmeasured without any share.

    Args:
        plain: The score without the attack.
        variants: Shares by variant.
    """
    rates = {variant: mean_share(shares) for variant, shares in variants.items() if shares}
    if not rates or plain is None:
        return UNMEASURED
    worst = max(rates, key=rates.__getitem__)
    units = len({share.unit for share in variants[worst]})
    return Outcome(plain, rates[worst], share_interval(rates[worst], units), rates)


def mean_share(shares: Sequence[Share]) -> float:
    """Return the mean; there is at least one."""
    return sum(share.value for share in shares) / len(shares)
