"""The frontier of forgetting against keeping: points of runs, means of methods, lines through variants."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from siu.comparison.result import RunResult
from siu.comparison.study import Study
from siu.comparison.table import Table

AXES = ("loss_of_others", "forgetting")


@dataclass(frozen=True)
class Point:
    """A place on the frontier.

    Attributes:
        method: The method.
        loss: What is lost of others: x.
        forgetting: What is forgotten: y.
    """

    method: str
    loss: float
    forgetting: float


def run_points(results: Sequence[RunResult]) -> list[Point]:
    """Return a point per run on which both axes were measured."""
    points = []
    for result in results:
        x, y = (result.after[axis] for axis in AXES)
        if x is not None and y is not None:
            points.append(Point(result.run.method, x, y))
    return points


def method_points(table: Table, study: Study) -> dict[str, list[Point]]:
    """Return the methods' means by line, from the weakest strength to the strongest."""
    lines: dict[str, list[Point]] = {}
    for name in sorted(study.methods, key=lambda name: study.methods[name].strength):
        x, y = (table[name][axis].mean.mean for axis in AXES)
        if x is not None and y is not None:
            lines.setdefault(study.line(name), []).append(Point(name, x, y))
    return {line: lines[line] for line in dict.fromkeys(map(study.line, study.methods)) if line in lines}


def frontier_svg(results: Sequence[RunResult], table: Table, study: Study) -> str:
    """Return the plot as an SVG element; equal results give equal text."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    lines = method_points(table, study)
    palette = [mpl.colormaps["tab20"](shade) for shade in range(20)]  # ten strong ones, then their pale twins
    colours = {line: palette[(2 * index + index // 10) % 20] for index, line in enumerate(lines)}
    with mpl.rc_context({"svg.hashsalt": "siu", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(8.4, 4.8), layout="constrained")
        axes = figure.add_subplot()
        for point in run_points(results):
            colour = colours[study.line(point.method)]
            axes.plot(point.loss, point.forgetting, ".", color=colour, alpha=0.35, markersize=5)
        for line, points in lines.items():
            places = ([point.loss for point in points], [point.forgetting for point in points])
            axes.plot(*places, "o-", color=colours[line], label=line, markersize=7, markeredgecolor="black")
        axes.set_xlabel(
            "loss of others: mean drop of names, facts, looks, look-alikes, groups; left is better"
        )
        axes.set_ylabel("forgetting; up is better")
        axes.grid(alpha=0.3)
        if lines:
            figure.legend(loc="outside right upper", frameon=False)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()[text.getvalue().index("<svg") :]
