"""The report as one self-contained HTML file."""

import base64
from collections.abc import Sequence
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from siu.data.images import load_image
from siu.report.attack_rows import attack_rows
from siu.report.content import Report
from siu.report.metric_rows import metric_rows

_PICTURE_SIDE = 128


def write_report(report: Report, path: Path) -> None:
    """Write the report; pictures are embedded, nothing is loaded from elsewhere.

    Args:
        report: What it shows.
        path: The HTML file.
    """
    text = environment().get_template("report.html.jinja").render(report=report)
    path.write_text(text, encoding="utf-8")


def environment() -> Environment:
    """Return where the pages' templates are found, with what they use."""
    found = Environment(
        loader=FileSystemLoader(str(files("siu.report"))),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["picture"] = picture_uri
    found.globals.update(metric_rows=metric_rows, curve=loss_curve, attack_rows=attack_rows)
    return found


def picture_uri(path: Path) -> str:
    """Return a picture as a data URI, at most 128 pixels a side, without metadata."""
    image = load_image(path)
    image.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
    buffer = BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def loss_curve(losses: Sequence[float], width: int = 220, height: int = 60) -> Markup:
    """Return the step losses as an inline SVG line; empty for fewer than two steps."""
    if len(losses) < 2:
        return Markup("")
    top = max(*losses, 1e-9)
    points = " ".join(
        f"{index * width / (len(losses) - 1):.1f},{height - 4 - max(loss, 0) / top * (height - 8):.1f}"
        for index, loss in enumerate(losses)
    )
    return Markup(
        '<svg viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="loss per step">'
        '<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"/></svg>'
    ).format(w=width, h=height, points=points)
