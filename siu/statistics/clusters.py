"""Means over concepts × seeds, and their intervals: the concepts are the independent observations.

Seeds of one concept are none: a concept that is hard is hard with every seed. With four to eight concepts a
bootstrap is too narrow (.81 to .90 instead of .95, .64 and less for skewed shares), so what is used depends
on the kind of number. All coverages: docs/experiments/2026-11-29-coverage.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from siu.statistics.exact import upper_bound
from siu.statistics.means import mean_interval
from siu.statistics.shares import CONFIDENCE, Interval, equal_units, share_interval

Limits = tuple[float, float]
"""The lowest and the highest value that there is."""
SHARE: Limits = (0.0, 1.0)


@dataclass(frozen=True)
class Mean:
    """A mean, its interval and its spread.

    Attributes:
        mean: Over all runs; None without any.
        low: Lower end of the interval; None with fewer than two concepts.
        high: Upper end.
        runs: Number of runs.
        concepts: Number of concepts they are on.
        least: The lowest run: a mean of .5 may be one of 0 and 1.
        most: The highest run.
    """

    mean: float | None
    low: float | None
    high: float | None
    runs: int
    concepts: int
    least: float | None = None
    most: float | None = None


UNMEASURED = Mean(None, None, None, 0, 0)


def cluster_mean(
    values: Sequence[float], clusters: Sequence[str], limits: Limits | None = SHARE, *, paired: bool = False
) -> Mean:
    """Return the mean of values, its 95 % interval over clusters and its spread.

    What has limits, such as a share, has an exact interval, each cluster's mean a success in part
    (`siu.statistics.shares`). Paired differences, and what has no limits, have Student's t over the clusters'
    means: right where these are roughly normal, too narrow where a method fails on one concept in ten.

    Args:
        values: (N,) one per run.
        clusters: (N,) the concept of each.
        limits: The lowest and the highest value there is; None where there is none.
        paired: Whether the values are differences of pairs.
    """
    if not values:
        return UNMEASURED
    sums, runs = _sums(values, clusters)
    if limits is None or paired:
        ends = mean_interval(sums, runs) or _agreed(sums, runs, limits)
    else:
        ends = _limited(sums, runs, limits)
    if ends is not None and limits is not None:
        ends = max(limits[0], ends[0]), min(limits[1], ends[1])
    low, high = ends or (None, None)
    return Mean(fsum(values) / len(values), low, high, len(values), len(sums), min(values), max(values))


def cluster_means(values: Sequence[float], clusters: Sequence[str]) -> list[float]:
    """Return the mean of each cluster, in the order of their names."""
    sums, runs = _sums(values, clusters)
    return [total / count for total, count in zip(sums, runs, strict=True)]


def _limited(sums: list[float], runs: list[float], limits: Limits) -> Interval | None:
    low, high = limits
    shares = [(total - low * count) / (high - low) for total, count in zip(sums, runs, strict=True)]
    ends = share_interval(shares, runs)
    return ends and (low + ends[0] * (high - low), low + ends[1] * (high - low))


def _agreed(sums: list[float], runs: list[float], limits: Limits | None) -> Interval | None:
    """Return what clusters that all agree leave open: a share of others, never seen, at either limit."""
    if limits is None or len(sums) < 2:
        return None
    unseen = upper_bound(0, equal_units(runs), (1 + CONFIDENCE) / 2)
    mean = fsum(sums) / fsum(runs)
    return mean - unseen * (mean - limits[0]), mean + unseen * (limits[1] - mean)


def _sums(values: Sequence[float], clusters: Sequence[str]) -> tuple[list[float], list[float]]:
    groups: dict[str, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        groups.setdefault(cluster, []).append(value)
    ordered = [groups[cluster] for cluster in sorted(groups)]
    return [fsum(group) for group in ordered], [float(len(group)) for group in ordered]
