"""The figure of sequences: forgetting over releases, a line for each strategy."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.sequences.protocol import earlier
from benchmarks.sequences.table import is_selection, results

Value = Callable[[dict[str, Any]], float | None]
GOAL = {"color": "black", "linewidth": 0.8, "linestyle": ":"}
LABELS = {
    "joint": "joint: anew, all pictures kept",
    "replay": "replay: pictures kept",
    "sequential": "sequential: nothing kept",
    "stacked": "stacked: nothing kept",
    "moments": "moments: second moments kept",
    "stand_ins": "stand_ins: names kept",
}


def draw(folder: Path, path: Path) -> None:
    """Draw three panels of the measured concepts: the worst earlier one, sampled leaks, held-out others."""
    rows = [result for result in results(folder) if not is_selection(result)]
    if not rows:
        return
    mpl.use("Agg")
    figure = Figure(figsize=(12, 4.4), layout="constrained")
    panels: Sequence[tuple[str, Value, float]] = (
        (
            "Worst earlier concept: share of unseen pictures\nno longer named (exact 95 % lower bound) ↑",
            _bound,
            0.9,
        ),
        ("Worst earlier concept: named in one of\n10 sampled answers, beyond strangers ↓", _leak, 0.05),
        ("Others that no training saw: still named ↑", _held_out, 0.97),
    )
    for axes, (title, value, goal) in zip(figure.subplots(1, 3), panels, strict=True):
        _panel(axes, rows, value)
        axes.axhline(goal, **GOAL)
        axes.set_title(title, fontsize=10)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def _panel(axes: Axes, rows: list[dict[str, Any]], value: Value) -> None:
    for strategy in dict.fromkeys(result["strategy"] for result in rows):
        points: dict[int, list[float]] = {}
        for result in rows:
            if result["strategy"] == strategy:
                for row in result["releases"]:
                    number = value(row)
                    if number is not None:
                        points.setdefault(row["release"], []).append(number)
        places = sorted(points)
        means = [sum(points[place]) / len(points[place]) for place in places]
        axes.plot(places, means, marker="o", label=LABELS.get(strategy, strategy))
    most = max(row["release"] for result in rows for row in result["releases"])
    axes.set_xticks(range(1, most + 1))
    axes.set_xlim(0.8, most + 0.2)
    axes.set_xlabel("release (two requests each)")
    axes.set_ylim(-0.03, 1.03)
    axes.grid(alpha=0.3)


def _bound(row: dict[str, Any]) -> float | None:
    return float(min(values["em_bound"] for values in earlier(row)))


def _leak(row: dict[str, Any]) -> float | None:
    values = [values["leak_beyond"] for values in earlier(row) if "leak_beyond" in values]
    return max(values) if values else None


def _held_out(row: dict[str, Any]) -> float | None:
    name: float | None = row["others"].get("held_out_name")
    return name
