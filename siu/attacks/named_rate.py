"""The outcome of an attack on pictures that were given away or not."""

from collections.abc import Sequence

from siu.attacks.observation import UNMEASURED, Outcome
from siu.mmubench.bootstrap import Score, bootstrap_interval


def named_rate(plain: float | None, named: Sequence[bool]) -> Outcome:
    """Return the share of pictures that were named, with its interval; unmeasured without any picture.

    Args:
        plain: The score without the attack.
        named: Whether each picture was named under it.
    """
    if not named:
        return UNMEASURED
    scores = [Score(str(number), float(one)) for number, one in enumerate(named)]
    return Outcome(plain, sum(named) / len(named), bootstrap_interval(scores))
