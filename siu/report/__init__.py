"""The report of a batch."""

from siu.report.content import ConceptSection, Example, Report, choose_examples
from siu.report.html import write_report
from siu.report.metric_rows import METRICS, MetricRow, metric_rows

__all__ = [
    "METRICS",
    "ConceptSection",
    "Example",
    "MetricRow",
    "Report",
    "choose_examples",
    "metric_rows",
    "write_report",
]
