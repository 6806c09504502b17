"""The words of a verdict, from the best to the worst."""

from collections.abc import Iterable
from typing import Literal

VerdictName = Literal["erased", "partial", "failed", "damaged", "unclear", "not_known"]
ORDER: tuple[VerdictName, ...] = ("erased", "unclear", "partial", "damaged", "failed")
"""From the best to the worst; `not_known` is none of them."""


def worst_of(verdicts: Iterable[str]) -> str:
    """Return the worst of verdicts; the best where there is none to compare."""
    return max((word for word in verdicts if word in ORDER), key=ORDER.index, default=ORDER[0])
