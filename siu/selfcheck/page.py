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
        (separation for separation in check.separations if separation.strength is not None),
        key=lambda separation: (-(separation.strength or 0.0), separation.metric),
    )
    rows = [(separation, labels.get(separation.metric, NAMED)) for separation in measured]
    missing = [separation.metric for separation in check.separations if separation.strength is None]
    text = environment.from_string(source).render(
        check=check, rows=rows, missing=missing, weak=WEAK, direction=_direction
    )
    return text.rstrip() + "\n"


def as_dict(check: SelfCheck) -> dict[str, Any]:
    """Return the self-check as JSON-like values."""
    return {
        "passed": check.passed,
        "controls": {
            control.model: {
                "expected": control.expected,
                "verdicts": {concept: asdict(verdict) for concept, verdict in control.verdicts.items()},
                "changed": control.changed,
            }
            for control in check.controls
        },
        "auc": {separation.metric: separation.auc for separation in check.separations},
        "weak": [separation.metric for separation in check.separations if separation.weak],
        "changed": [asdict(change) for change in check.changed],
        "planted": [asdict(result) for result in check.planted],
    }


def _direction(separation: Separation) -> str:
    if separation.weak or separation.auc is None:
        return "–"
    return "higher" if separation.auc > 0.5 else "lower"
