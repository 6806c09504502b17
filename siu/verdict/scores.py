"""What a verdict reads of one model state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Scores:
    """The measurements of one model state.

    Attributes:
        values: Metric to value; None, or no entry, means "not measured".
        units: Metric to the number of independent units (pictures) behind it.
        leaks: Metric to an answer that speaks against it, with its question.
    """

    values: Mapping[str, float | None]
    units: Mapping[str, int] = field(default_factory=dict)
    leaks: Mapping[str, str] = field(default_factory=dict)


def scores_of(cards: Mapping[str, Any], state: str) -> Scores:
    """Return a model state's scores from the content of ``scorecards.json``.

    Args:
        cards: What `siu.mmubench.scorecards` made.
        state: ``before`` or ``after``.
    """
    return Scores(cards[state], cards["units"][state], cards["leaks"][state])
