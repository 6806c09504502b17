"""The outcome of an attack on pictures that were given away or not."""

from collections.abc import Sequence

from siu.attacks.observation import UNMEASURED, Outcome
from siu.attacks.shares import share_interval


def named_rate(plain: float | None, named: Sequence[bool]) -> Outcome:
    """Return the share of pictures that were named, with its interval; unmeasured without any picture.

    Args:
        plain: The score without the attack.
        named: Whether each picture was named under it.
    """
    if not named:
        return UNMEASURED
    share = sum(named) / len(named)
    return Outcome(plain, share, share_interval(share, len(named)))
