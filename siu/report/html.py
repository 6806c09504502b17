"""The report as one self-contained HTML file."""

import base64
import re
from functools import cache
from io import BytesIO
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup, escape

from siu.data.images import load_image
from siu.packaged import packaged_pages
from siu.report.attack_rows import attack_rows
from siu.report.cards import filters
from siu.report.charts import gate_chart, loss_curve
from siu.report.content import Report, RequestSection
from siu.report.lost import lost, measured_falls
from siu.report.metric_rows import described, metric_rows
from siu.report.next_steps import next_steps
from siu.report.opening import opening
from siu.report.redacted import redacted

_PICTURE_SIDE = 128
_QUALITY = 80
_CODE = re.compile(r"`([^`<>]+)`")


def write_report(report: Report, path: Path, *, is_redacted: bool = False) -> None:
    """Write the report; pictures are embedded, nothing is loaded from elsewhere.

    Args:
        report: What it shows.
        path: The HTML file.
        is_redacted: Whether names, pictures and answers are left out.
    """
    shown = redacted(report) if is_redacted else report
    text = environment().get_template("report.html.jinja").render(report=shown)
    path.write_text(text, encoding="utf-8")


@cache
def environment() -> Environment:
    """Return where the pages' templates are found, with what they use."""
    pages = packaged_pages("siu.report")
    pages.filters.update(picture=picture_uri, coded=coded)
    pages.globals.update(
        attack_rows=attack_rows,
        described=described,
        filters=filters,
        gate_chart=gate_chart,
        loss_curve=loss_curve,
        lost=lost,
        measured_falls=measured_falls,
        metric_rows=metric_rows,
        opening=opening,
        steps_of=_next_steps,
    )
    return pages


def coded(text: str) -> Markup:
    """Return a sentence with what stands between backticks as code; everything is escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # nosec B704  # escaped before


@cache
def picture_uri(path: Path) -> str:
    """Return a picture as a URI, at most 128 pixels a side, without metadata; PNG or WebP, the smaller."""
    image = load_image(path)
    image.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
    forms = []
    for form, options in (("png", {"optimize": True}), ("webp", {"quality": _QUALITY, "method": 6})):
        buffer = BytesIO()
        image.save(buffer, format=form, **options)
        forms.append((buffer.getvalue(), form))
    data, form = min(forms, key=lambda encoded: len(encoded[0]))
    return f"data:image/{form};base64," + base64.b64encode(data).decode()


def _next_steps(section: RequestSection, report: Report) -> tuple[str, ...]:
    return next_steps(section.verdict, section.findings, report.gates, is_trained=bool(section.after))
