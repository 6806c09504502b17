"""The lines of a study's attacks as one plot each: relearning over steps, pictures over epsilon."""

from collections.abc import Mapping, Sequence
from io import StringIO

from siu.attacks.observation import Curve


def curves_svg(curves: Mapping[str, Sequence[Curve]]) -> str:
    """Return one plot per attack, side by side, as an SVG element; equal curves give equal text.

    Args:
        curves: Lines by attack, at least one attack; the lines of an attack have one axis.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(curve.name for lines in curves.values() for curve in lines))
    palette = [mpl.colormaps["tab20"](shade) for shade in (*range(0, 20, 2), *range(1, 20, 2))]
    colours = {name: palette[index % len(palette)] for index, name in enumerate(names)}
    with mpl.rc_context({"svg.hashsalt": "siu", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(4.2 * len(curves) + 2.4, 3.4), layout="constrained")
        drawn = {}
        for axes, (attack, lines) in zip(
            figure.subplots(1, len(curves), squeeze=False)[0], curves.items(), strict=True
        ):
            for curve in lines:
                places, scores = zip(*curve.points, strict=True)
                style = {"color": colours[curve.name], "marker": "o", "markersize": 4}
                (drawn[curve.name],) = axes.plot(places, scores, **style)
            axes.set(title=attack.replace("_", " "), xlabel=lines[0].x, ylim=(-0.03, 1.03))
            axes.grid(alpha=0.3)
        figure.legend(drawn.values(), drawn, loc="outside right upper", frameon=False)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()[text.getvalue().index("<svg") :]
