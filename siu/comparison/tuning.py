"""The rate and steps that serve a method best, over the concepts that it is tuned on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from siu.config.params import Params

MOST = 1.0
"""The highest learning rate there is."""


@dataclass(frozen=True)
class Settings:
    """A learning rate and a number of steps."""

    lr: float
    steps: int


def best_settings(tries: Sequence[Sequence[Mapping[str, Any]]]) -> Settings:
    """Return the settings with the best mean score; of equals the first.

    A try that failed on a concept counts 0 there.

    Args:
        tries: The tries on each concept, with ``lr``, ``steps`` and ``score`` from 0 to 1.
    """
    scores: dict[Settings, list[float]] = defaultdict(list)
    for on_concept in tries:
        for trial in on_concept:
            scores[Settings(trial["lr"], trial["steps"])].append(trial["score"])
    return max(scores, key=lambda settings: fmean(scores[settings]))


def with_settings(params: Params, settings: Settings, strength: float) -> Params:
    """Return parameters that train with these settings, the rate times a strength but at most 1."""
    lr = min(MOST, settings.lr * strength)
    unlearning = params.unlearning.model_copy(update={"lr": lr, "steps": settings.steps, "tune": False})
    return params.model_copy(update={"unlearning": unlearning})
