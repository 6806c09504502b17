"""Metrics that are ratios of sums over records, with bootstrap confidence intervals (Efron 1979).

Questions about one picture share what the model sees, so pictures are drawn anew, not questions: each with
all its records. A question without a picture is a unit of its own.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Generic, ParamSpec

import numpy as np
from numpy.typing import NDArray

from siu.mmubench.records import Record

P = ParamSpec("P")
Interval = tuple[float, float]
"""Lower and upper end."""
DRAWS = 1000
COVERAGE = 0.95
SEED = 0


@dataclass(frozen=True)
class Score:
    """What one record adds to a metric.

    Attributes:
        unit: What is drawn as a whole: the picture's digest, or the question's id.
        value: Added to the numerator.
        weight: Added to the denominator; above 0.
    """

    unit: str
    value: float
    weight: float = 1.0


def score(record: Record, value: float, weight: float = 1.0) -> Score:
    """Return a record's score."""
    return Score(record.question.picture or record.question.id, value, weight)


class Metric(Generic[P]):
    """A metric: called, it gives its value; `interval` gives the value's uncertainty.

    Attributes:
        scores: What each record adds; no scores mean that there is nothing to measure.
        finish: Makes the metric of the ratio of both sums.
    """

    def __init__(self, scores: Callable[P, Iterable[Score]], finish: Callable[[float], float]) -> None:
        self.scores = scores
        self.finish = finish
        update_wrapper(self, scores)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> float | None:
        """Return the metric; None (not measured) where no record counts."""
        found = list(self.scores(*args, **kwargs))
        if not found:
            return None
        return self.finish(math.fsum(one.value for one in found) / math.fsum(one.weight for one in found))

    def interval(self, *args: P.args, **kwargs: P.kwargs) -> Interval | None:
        """Return the percentile interval; None for fewer than two units, which tell nothing about others.

        Equal records give equal intervals. If all units agree, both ends are the value: the units drawn can't
        show what none of them holds.
        """
        return bootstrap_interval(list(self.scores(*args, **kwargs)), self.finish)

    def units(self, *args: P.args, **kwargs: P.kwargs) -> int:
        """Return the number of independent units: pictures, and questions without a picture."""
        return len({score.unit for score in self.scores(*args, **kwargs)})


def ratio(scores: Callable[P, Iterable[Score]]) -> Metric[P]:
    """Make a metric of a function that yields scores: the sum of values over the sum of weights."""
    return Metric(scores, float)


def bootstrap_interval(scores: list[Score], finish: Callable[[float], float] = float) -> Interval | None:
    """Return the interval that holds `COVERAGE` of the ratios over `DRAWS` draws of the units.

    Args:
        scores: What is summed.
        finish: Makes the metric of a ratio; must be monotonic.
    """
    sums = _sums(scores)  # (units, 2)
    if len(sums) < 2:
        return None
    rng = np.random.default_rng(SEED)
    times = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=DRAWS)  # (draws, units)
    totals = times @ sums  # (draws, 2)
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(totals[:, 0] / totals[:, 1], (tail, 1 - tail))
    return finish(float(low)), finish(float(high))


def _sums(scores: list[Score]) -> NDArray[np.float64]:
    """Return the sums of values and weights of each unit, in the order of their first score."""
    units: dict[str, list[float]] = {}
    for one in scores:
        sums = units.setdefault(one.unit, [0.0, 0.0])
        sums[0] += one.value
        sums[1] += one.weight
    return np.array(list(units.values()), dtype=np.float64)
