"""The report of a batch."""

from siu.report.cards import Card, QuestionAnswers, make_cards
from siu.report.content import ReleaseSection, Report, RequestSection
from siu.report.html import write_report
from siu.report.metric_rows import METRICS, MetricRow, metric_rows
from siu.report.worst_leak import Leak, worst_leak

__all__ = [
    "METRICS",
    "Card",
    "Leak",
    "MetricRow",
    "QuestionAnswers",
    "ReleaseSection",
    "Report",
    "RequestSection",
    "make_cards",
    "metric_rows",
    "worst_leak",
    "write_report",
]
