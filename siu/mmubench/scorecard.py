"""The scorecard: every metric of one concept in one model state."""

from collections.abc import Mapping
from typing import Any

from siu.mmubench.leaks import leaks
from siu.mmubench.metric_definition import RECORDS_ALONE, Definition, Measured
from siu.mmubench.metric_registry import definitions
from siu.mmubench.records import Records
from siu.statistics.shares import Interval

Scorecard = dict[str, float | None]
"""Metric name to value; None means "not measured"."""

Intervals = dict[str, Interval | None]
"""Metric name to its 95 % interval; None where there is none."""


def scorecard(before: Records, after: Records, ratings: Mapping[str, int] | None = None) -> Scorecard:
    """Return the metrics of one model state, but those that are attacks on its records.

    Args:
        before: Records of the base model on the same questions.
        after: Records of the state to be scored; pass ``before`` twice to score the base model.
        ratings: A judge's ratings of the answers in ``after`` by question id; None without a judge.
    """
    measured = Measured(before, after, ratings or {})
    return {definition.name: definition.value(measured) for definition in _scored()}


def intervals(before: Records, after: Records, ratings: Mapping[str, int] | None = None) -> Intervals:
    """Return the 95 % intervals of the same metrics; the arguments are those of `scorecard`."""
    measured = Measured(before, after, ratings or {})
    return {definition.name: definition.interval(measured) for definition in _scored()}


def units(before: Records, after: Records) -> dict[str, int]:
    """Return the number of independent units (pictures) behind each metric of records alone."""
    measured = Measured(before, after)
    counted = {
        definition.name: definition.units(measured)
        for definition in _scored()
        if RECORDS_ALONE.issuperset(definition.reads)
    }
    return {name: count for name, count in counted.items() if count is not None}


def record_attacks(records: Records, k: float) -> Scorecard:
    """Return the metrics that are attacks on one model state's records.

    Args:
        records: What the state answered.
        k: Share of the least likely answer tokens that Min-K% reads.
    """
    measured = Measured(records, records, k=k)
    return {
        definition.name: definition.value(measured)
        for definition in definitions()
        if definition.group == "attack"
    }


def scorecards(
    before: Records,
    after: Records,
    ratings: tuple[Mapping[str, int], Mapping[str, int]] | None = None,
) -> dict[str, Any]:
    """Return both states' metrics with intervals, units and quoted leaks, as plain values.

    Args:
        before: Records of the base model.
        after: Records after unlearning, of the same questions.
        ratings: A judge's ratings before and after; None without a judge.
    """
    old, new = ratings or ({}, {})
    return {
        "before": scorecard(before, before, old),
        "after": scorecard(before, after, new),
        "intervals": {"before": intervals(before, before, old), "after": intervals(before, after, new)},
        "units": {"before": units(before, before), "after": units(before, after)},
        "leaks": {"before": {}, "after": leaks(after)},
    }


def _scored() -> tuple[Definition, ...]:
    return tuple(definition for definition in definitions() if definition.group != "attack")
