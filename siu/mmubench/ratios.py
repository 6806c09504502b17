"""Metrics that are ratios of sums over records, with their uncertainty over pictures.

Questions about one picture share what the model sees, so pictures are the independent units, not questions.
A question without a picture is a unit of its own.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Any, Generic, NamedTuple, TypeVarTuple

from siu.mmubench.metric_definition import SHARE, Limits, Measure
from siu.mmubench.records import Record
from siu.statistics.means import mean_bound, mean_interval
from siu.statistics.shares import CONFIDENCE, Interval, Side, share_bound, share_interval

Ts = TypeVarTuple("Ts")


@dataclass(frozen=True)
class Score:
    """What one record adds to a metric.

    Attributes:
        unit: What is independent of others: the picture's digest, or the question's id.
        value: Added to the numerator.
        weight: Added to the denominator; above 0.
    """

    unit: str
    value: float
    weight: float = 1.0


class Count(NamedTuple):
    """How much a metric was measured on.

    Attributes:
        units: Independent units: pictures, or questions without one.
        records: Answers.
    """

    units: int
    records: int


def score(record: Record, value: float, weight: float = 1.0) -> Score:
    """Return a record's score."""
    return Score(record.question.picture or record.question.id, value, weight)


class WholeMetric(Measure):
    """A metric of all records together, no ratio of sums over units: it has no interval and no units."""

    def __init__(self, value: Callable[..., float | None]) -> None:
        self.value = value
        update_wrapper(self, value)

    def __call__(self, *of: Any) -> float | None:
        """Return the value; None (not measured) where no record counts."""
        return self.value(*of)

    def interval(self, *of: Any) -> Interval | None:
        """Return None: there is none."""
        return None

    def units(self, *of: Any) -> int | None:
        """Return None: it isn't counted in units."""
        return None


class Metric(Measure, Generic[*Ts]):
    """A metric: called, it gives its value; `interval` and `bound` say how sure that is, `count` of how many.

    Attributes:
        scores: What each record adds; no scores mean that there is nothing to measure.
        finish: Makes the metric of the ratio of both sums; rises with it.
        limits: Of the ratio; None where it has none.
    """

    def __init__(
        self,
        scores: Callable[[*Ts], Iterable[Score]],
        finish: Callable[[float], float] = float,
        limits: Limits | None = SHARE,
    ) -> None:
        self.scores = scores
        self.finish = finish
        self.limits = limits
        update_wrapper(self, scores)

    def __call__(self, *of: *Ts) -> float | None:
        """Return the metric; None (not measured) where no record counts."""
        scores = list(self.scores(*of))
        if not scores:
            return None
        total = math.fsum(part.weight for part in scores)
        return self.finish(math.fsum(part.value for part in scores) / total)

    def interval(self, *of: *Ts) -> Interval | None:
        """Return the 95 % interval; None for fewer than two units, which tell nothing about others.

        Exact where the metric has limits: units that all agree still leave room for others that don't.
        Student's t where it has none, and None there if all units agree.
        """
        values, weights = self._sums(*of)
        if self.limits is None:
            ends = mean_interval(values, weights)
        else:
            ends = share_interval(self._shares(values, weights, self.limits), weights)
        return ends and (self._finished(ends[0]), self._finished(ends[1]))

    def bound(self, *of: *Ts, confidence: float = CONFIDENCE, side: Side = "lower") -> float | None:
        """Return the one-sided bound that gates are held against; None where nothing was measured.

        A picture counts as a success by the share of its answers that pass: 20 pictures whose answers all
        pass have the lower bound .861, however many questions each was asked.

        Args:
            of: What the metric is measured on.
            confidence: How sure the bound is.
            side: ``lower`` if more is better, ``upper`` if less is.
        """
        values, weights = self._sums(*of)
        if self.limits is None:
            bound = mean_bound(values, weights, confidence, side)
            return None if bound is None else self._finished(bound)
        if not values:
            return None
        shares = self._shares(values, weights, self.limits)
        return self._finished(share_bound(shares, weights, confidence, side))

    def count(self, *of: *Ts) -> Count:
        """Return on how many units and records the metric is measured."""
        scores = list(self.scores(*of))
        return Count(len({part.unit for part in scores}), len(scores))

    def units(self, *of: *Ts) -> int:
        """Return on how many independent units the metric is measured."""
        return self.count(*of).units

    def _sums(self, *of: *Ts) -> tuple[list[float], list[float]]:
        return unit_sums(self.scores(*of))

    def _shares(self, values: list[float], weights: list[float], limits: Limits) -> list[float]:
        """Return what is above the lower limit of each unit, as a part of all there could be."""
        low, high = limits
        return [(value - low * weight) / (high - low) for value, weight in zip(values, weights, strict=True)]

    def _finished(self, share: float) -> float:
        """Return an end of an interval, a share of what there could be, as the metric's value."""
        low, high = self.limits or SHARE
        return self.finish(low + share * (high - low))


def ratio(scores: Callable[[*Ts], Iterable[Score]]) -> Metric[*Ts]:
    """Make a share of a function that yields scores: the sum of values over the sum of weights, 0 to 1."""
    return Metric(scores)


def ratio_of_sums(
    finish: Callable[[float], float] = float, limits: Limits | None = SHARE
) -> Callable[[Callable[[*Ts], Iterable[Score]]], Metric[*Ts]]:
    """Make a metric of a function that yields scores; the arguments are those of `Metric`."""
    return lambda scores: Metric(scores, finish, limits)


def scores_interval(scores: Iterable[Score]) -> Interval | None:
    """Return the 95 % interval of a share; None for fewer than two units. See `share_interval`."""
    return share_interval(*unit_sums(scores))


def unit_sums(scores: Iterable[Score]) -> tuple[list[float], list[float]]:
    """Return the sums of values and of weights of each unit, in the order of their first score."""
    units: dict[str, tuple[list[float], list[float]]] = {}
    for part in scores:
        values, weights = units.setdefault(part.unit, ([], []))
        values.append(part.value)
        weights.append(part.weight)
    sums = units.values()
    return [math.fsum(values) for values, _ in sums], [math.fsum(weights) for _, weights in sums]
