"""How each request fared in every release that held it: a small line per measure, and the newest value."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from siu.report.metric_rows import described

MEASURES = ("generality_em", "description_em", "yes_no_em")
"""What shows that a request stays forgotten, on pictures and in words nobody trained on; all ↑."""
_WIDTH, _HEIGHT, _EDGE = 132, 40, 6


@dataclass(frozen=True)
class MemberHistory:
    """One request over the releases.

    Attributes:
        request_id: Its id.
        verdicts: Its verdict in each release that held it, the newest last.
        values: Measure → its values there; None where it was not measured.
    """

    request_id: str
    verdicts: tuple[str, ...]
    values: dict[str, tuple[float | None, ...]]

    def chart(self, measure: str) -> Markup:
        """Return a measure as a line from left (the first release) to right, bottom 0 and top 1."""
        return history_chart(described(measure).label, self.values[measure])

    def newest(self, measure: str) -> str:
        """Return a measure's newest value in words."""
        value = self.values[measure][-1]
        return "not measured" if value is None else f"{value:.2f}"


def member_histories(summaries: Iterable[dict[str, Any]]) -> list[MemberHistory]:
    """Return every request that was in a release, in the order in which they came into one.

    Args:
        summaries: Of all batches, the newest last; of those about one release the newest counts.
    """
    releases = {summary["release"]["plan"]: summary["release"] for summary in summaries if summary["release"]}
    entries: dict[str, list[dict[str, Any]]] = {}
    for release in releases.values():
        for entry in release["concepts"]:
            entries.setdefault(entry["request_id"], []).append(entry)
    return [
        MemberHistory(
            request_id,
            tuple(entry["verdict"] for entry in held),
            {measure: tuple(entry["after"].get(measure) for entry in held) for measure in MEASURES},
        )
        for request_id, held in entries.items()
    ]


def history_chart(label: str, values: tuple[float | None, ...]) -> Markup:
    """Return values from 0 to 1 as a line with a dot each; what was not measured has no dot."""
    words = f"{label}: " + ", ".join("not measured" if value is None else f"{value:.2f}" for value in values)
    gap, rise = (_WIDTH - 2 * _EDGE) / max(len(values) - 1, 1), _HEIGHT - 2 * _EDGE
    places = [
        (f"{_EDGE + index * gap:.1f}", f"{_EDGE + (1 - min(max(value, 0.0), 1.0)) * rise:.1f}")
        for index, value in enumerate(values)
        if value is not None
    ]
    axis = Markup('<line class="axis" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>').format(
        _EDGE, _WIDTH - _EDGE, _HEIGHT - _EDGE
    )
    line = Markup('<polyline class="ink" points="{}" fill="none" stroke="currentColor"/>').format(
        " ".join(f"{x},{y}" for x, y in places)
    )
    dot = Markup('<circle class="ink" cx="{}" cy="{}" r="3"/>')
    dots = Markup("").join(dot.format(x, y) for x, y in places)
    head = Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{words}">'
    ).format(w=_WIDTH, h=_HEIGHT, words=words)
    return head + axis + line + dots + Markup("</svg>")
