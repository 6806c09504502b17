"""One thing that `siu doctor` looks at, and how it is."""

from dataclasses import dataclass
from typing import Literal

Health = Literal["ok", "warn", "fail"]
WORST_FIRST: tuple[Health, ...] = ("fail", "warn", "ok")


@dataclass(frozen=True)
class Check:
    """How one thing is.

    Attributes:
        name: What was looked at.
        health: ``ok``; ``warn`` where batches run and somebody should look; ``fail`` where they can't.
        text: What was seen; no names.
        remedy: What to do; empty where nothing is to be done.
    """

    name: str
    health: Health
    text: str
    remedy: str = ""


def worst(checks: list[Check]) -> Health:
    """Return the worst of some."""
    return min((check.health for check in checks), key=WORST_FIRST.index, default="ok")
