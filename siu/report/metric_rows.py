"""Metric names, meanings and directions as people read them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from siu.mmubench.metric_definition import Values
from siu.mmubench.metric_registry import definitions

Intervals = Mapping[str, Sequence[float] | None]
"""Metric to the two ends of its interval; None where there is none."""


@dataclass(frozen=True)
class MetricRow:
    """One line of a before/after table.

    Attributes:
        label: The metric's short name.
        meaning: What it says.
        arrow: Which way is better.
        before: The base model's value.
        after: The value after unlearning.
        before_interval: The 95 % interval of ``before``; empty where there is none.
        after_interval: The same of ``after``.
        weak: Whether the self-check found that it doesn't tell who knows the concept.
        units: Pictures behind it; empty where that is not counted.
        key: The metric's name in files.
    """

    label: str
    meaning: str
    arrow: str
    before: str
    after: str
    before_interval: str = ""
    after_interval: str = ""
    weak: bool = False
    units: str = ""
    key: str = ""


@dataclass(frozen=True)
class Described:
    """A metric as people read it.

    Attributes:
        label: Short name.
        meaning: What it says.
        arrow: Which way is better.
    """

    label: str
    meaning: str
    arrow: str


METRICS: tuple[tuple[str, str, str, str], ...] = tuple(
    (metric.name, metric.label, metric.meaning, metric.arrow) for metric in definitions() if metric.is_shown
)
"""Key, label, meaning, direction; the order of every table."""


def described(key: str) -> Described:
    """Return how people read a metric; one that the tables don't have is called by its key."""
    label, meaning, arrow = next((row[1:] for row in METRICS if row[0] == key), (key, key, ""))
    return Described(label, meaning, arrow)


def metric_rows(
    before: Values,
    after: Values,
    intervals: Mapping[str, Intervals] | None = None,
    units: Mapping[str, int] | None = None,
) -> list[MetricRow]:
    """Return the rows of a before/after table; what was not measured says so.

    Args:
        before: Metrics of the base model.
        after: Metrics after unlearning.
        intervals: The metrics' intervals by model state.
        units: Number of pictures behind each metric.
    """
    ends = {state: (intervals or {}).get(state, {}) for state in ("before", "after")}
    return [
        MetricRow(
            label,
            meaning,
            arrow,
            show(before.get(key)),
            show(after.get(key)),
            show_interval(ends["before"].get(key)),
            show_interval(ends["after"].get(key)),
            key in weak_metrics(),
            str((units or {}).get(key) or ""),
            key,
        )
        for key, label, meaning, arrow in METRICS
    ]


@cache
def weak_metrics() -> frozenset[str]:
    """Return the metrics that the shipped self-check (docs/reference/self-check.md) found near chance."""
    text = files("siu.report").joinpath("self_check.json").read_text(encoding="utf-8")
    return frozenset(json.loads(text)["weak"])


def show(value: float | None) -> str:
    """Return a value with three decimals, or "not measured"."""
    return "not measured" if value is None else f"{value:.3f}"


def show_interval(interval: Sequence[float] | None) -> str:
    """Return an interval with two decimals, such as "0.91–1.00"; empty where there is none."""
    return "" if interval is None else "–".join(f"{end:.2f}" for end in interval)
