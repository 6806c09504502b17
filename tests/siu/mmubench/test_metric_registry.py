"""The registry of metrics: one definition each, read by scorecards, gates, tables and documentation."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from siu.comparison.measures import MEASURES
from siu.config.params import GateParams
from siu.mmubench.metric_definition import Measured
from siu.mmubench.metric_registry import definitions
from siu.mmubench.metric_table import metric_table
from siu.mmubench.ratios import Metric
from siu.mmubench.scorecard import record_attacks, scorecard
from siu.report.metric_rows import METRICS
from tests.siu.mmubench.drawn_records import drawn_records

ROOT = Path(__file__).parents[3]
KNOWN_TO_READ = {"records", "before", "after", "ratings", "k"}
every = pytest.mark.parametrize("metric", definitions(), ids=lambda metric: metric.name)


def test_the_page_has_the_table() -> None:
    page = (ROOT / "docs" / "reference" / "mmubench.md").read_text(encoding="utf-8")
    assert metric_table() in page, "paste the output of `python -m siu.mmubench.metric_table`"


def test_the_metric_that_the_documentation_adds_can_be_measured() -> None:
    page = (ROOT / "docs" / "reference" / "plugins.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(page.split("```python\n")[1].split("```")[0], names)
    metric = names["long_answers"].definition
    records = drawn_records(1)
    assert metric.value(Measured(records, records)) == 0.0
    assert metric.order not in {other.order for other in definitions()}


def test_no_two_metrics_share_a_place() -> None:
    for attribute in ("order", "name", "label"):
        counts = Counter(getattr(metric, attribute) for metric in definitions())
        assert counts.most_common(1)[0][1] == 1, attribute
    ranks = [metric.gate.rank for metric in definitions() if metric.gate]
    assert len(set(ranks)) == len(ranks)


@every
def test_a_metric_says_all_that_is_asked_of_it(metric) -> None:
    assert metric.text.endswith(".")
    assert metric.label
    assert metric.meaning
    assert set(metric.reads) <= KNOWN_TO_READ
    assert metric.gate is None or metric.gate.param in GateParams.model_fields
    if metric.gate is not None and not metric.gate.drop:
        assert {"at_least": "↑", "at_most": "↓"}[metric.gate.side] == metric.arrow


@every
def test_a_value_lies_within_its_limits_and_its_interval(metric) -> None:
    measured = Measured(drawn_records(1), drawn_records(2), dict.fromkeys(drawn_records(2), 3))
    value, interval = metric.value(measured), metric.interval(measured)
    if value is not None and metric.limits is not None:
        assert metric.limits[0] <= value <= metric.limits[1]
    if interval is not None:
        assert interval[0] <= value + 1e-9
        assert value <= interval[1] + 1e-9
    assert (metric.units(measured) is None) == (not isinstance(metric.measure, Metric))


def test_every_metric_is_in_a_scorecard_or_attacks_records() -> None:
    records = drawn_records(1)
    names = [*scorecard(records, records), *record_attacks(records, 0.4)]
    assert sorted(names) == sorted(metric.name for metric in definitions())


def test_reports_and_comparisons_read_the_registry() -> None:
    shown = [metric.name for metric in definitions() if metric.is_shown]
    assert [name for name, *_ in METRICS] == shown
    compared = {measure.key for measure in MEASURES}
    assert {
        metric.name for metric in definitions() if metric.is_shown and metric.group != "attack"
    } < compared
