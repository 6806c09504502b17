"""The self-check as a page and as JSON."""

from dataclasses import asdict
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from siu.report.metric_rows import METRICS
from siu.selfcheck.check import SelfCheck
from siu.selfcheck.separation import WEAK, Separation

TEMPLATE = "page.md.jinja"
NAMED = "unseen pictures named"
"""Of the naming rate, which no table of a report has."""


def page(check: SelfCheck) -> str:
    """Return the page in Markdown; metrics that separate best come first."""
    environment = Environment(  # nosec B701  # Markdown of measurements, no HTML
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    source = files("siu.selfcheck").joinpath(TEMPLATE).read_text(encoding="utf-8")
    labels = {key: meaning for key, _, meaning, _ in METRICS}
    measured = sorted(
        (one for one in check.separations if one.strength is not None),
        key=lambda one: (-(one.strength or 0.0), one.metric),
    )
    rows = [(one, labels.get(one.metric, NAMED)) for one in measured]
    missing = [one.metric for one in check.separations if one.strength is None]
    text = environment.from_string(source).render(
        check=check, rows=rows, missing=missing, weak=WEAK, direction=_direction
    )
    return text.rstrip() + "\n"


def as_dict(check: SelfCheck) -> dict[str, Any]:
    """Return the self-check as JSON-like values."""
    return {
        "passed": check.passed,
        "controls": {
            one.model: {
                "expected": one.expected,
                "verdicts": {concept: asdict(verdict) for concept, verdict in one.verdicts.items()},
                "changed": one.changed,
            }
            for one in check.controls
        },
        "auc": {one.metric: one.auc for one in check.separations},
        "weak": [one.metric for one in check.separations if one.weak],
        "changed": [asdict(one) for one in check.changed],
        "planted": [asdict(result) for result in check.planted],
    }


def _direction(one: Separation) -> str:
    if one.weak or one.auc is None:
        return "–"
    return "higher" if one.auc > 0.5 else "lower"
