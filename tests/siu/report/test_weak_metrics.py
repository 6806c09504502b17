import json
from importlib.resources import files
from pathlib import Path

from siu.report.metric_rows import METRICS, metric_rows, weak_metrics

SHIPPED = json.loads(files("siu.report").joinpath("self_check.json").read_text(encoding="utf-8"))
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "self-check.md"


def test_every_metric_of_the_report_has_its_auc_or_was_not_measured():
    assert {key for key, *_ in METRICS} <= SHIPPED["auc"].keys()


def test_the_page_says_whether_every_control_came_out_right():
    page = PAGE.read_text(encoding="utf-8")
    assert ("Everything came out as it has to." in page) == SHIPPED["passed"]
    assert ("Not everything came out as it has to." in page) != SHIPPED["passed"]


def test_the_page_is_that_of_the_shipped_numbers():
    page = PAGE.read_text(encoding="utf-8")
    for metric, auc in SHIPPED["auc"].items():
        row = next((line for line in page.splitlines() if line.startswith(f"| `{metric}` ")), None)
        assert (row is None) == (auc is None)
        assert row is None or f"| {max(auc, 1 - auc):.3f} |" in row


def test_weak_metrics_are_marked_and_recognition_is_not_weak():
    marked = {row.label for row in metric_rows({}, {}) if row.weak}
    assert marked == {label for key, label, *_ in METRICS if key in weak_metrics()}
    assert not {"generality_em", "yes_no_em", "name_probability", "picture_facts"} & weak_metrics()
