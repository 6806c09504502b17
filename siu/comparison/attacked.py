"""What the attacks of a study add: two or three columns each, and lines over steps, epsilon and the like."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Any

from siu.attacks.observation import Curve, Finding
from siu.comparison.measures import ATTACKED, BEYOND, TWO_SIDED, Measure
from siu.comparison.result import TWO_SIDED_DETAIL, RunResult

Place = float | str
_CONTROLS = ("gold model: ", "a new name", "a known name")


def attack_measures(results: Sequence[RunResult]) -> tuple[Measure, ...]:
    """Return the columns of the attacks that were made, in their order; none without attacks.

    Of what no gate counts, such as facts that are to stay, neither way is better. An ROC-AUC below 0.5 tells
    as much as one above, and a mean of both sides nothing: it has a two-sided column.
    """
    gated: dict[str, bool] = {}
    two_sided = set()
    for finding in (finding for result in results for finding in result.findings):
        gated[finding.attack] = gated.get(finding.attack, False) or finding.gated
        if TWO_SIDED_DETAIL in finding.details:
            two_sided.add(finding.attack)
    return tuple(
        column
        for attack in gated
        for column in _columns(attack, "↓" if gated[attack] else "", two_sided=attack in two_sided)
    )


def _columns(attack: str, arrow: str, *, two_sided: bool) -> Iterator[Measure]:
    words = attack.replace("_", " ")
    yield Measure(
        f"{ATTACKED}{attack}", words, f"score of {words} on the concept", "" if two_sided else arrow
    )
    if two_sided:
        meaning = f"ROC-AUC of {words} on whichever side of 0.5 it lies; a gold model's is its target"
        yield Measure(f"{TWO_SIDED}{attack}", f"{words}, two-sided", meaning, arrow, (0.5, 1.0))
    beyond = f"what {words} brings back beyond its control"
    yield Measure(f"{BEYOND}{attack}", f"{words}, beyond", beyond, arrow, (-1.0, 1.0), paired=True)


def curve_rows(results: Sequence[RunResult]) -> Iterator[dict[str, Any]]:
    """Yield the rows of ``curves.csv``: a run's attack, one of its lines, one place on it.

    Variants of a question are left out: they may hold a name.
    """
    for result in results:
        run = {"method": result.run.method, "concept": result.run.case.concept, "seed": result.run.case.seed}
        for finding in result.findings:
            for curve in _drawn(finding):
                line = {"attack": finding.attack, "line": curve.name, "axis": curve.x}
                for place, score in curve.points:
                    yield {**run, **line, "place": place, "score": score}


def mean_curves(results: Sequence[RunResult], reference: str) -> dict[str, list[Curve]]:
    """Return by attack each method's line, averaged over its runs, and the controls'.

    Variants of a question are no places on a line and are left out. Of several lines of an attack, such as
    one per number of pictures, the last one counts.

    Args:
        results: The runs.
        reference: The method beside whose runs the controls were measured that are drawn.
    """
    scores: dict[tuple[str, str, str], dict[Place, list[float]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        for finding in result.findings:
            for name, curve in _lines(finding, result.run.method, reference).items():
                for place, score in curve.points:
                    scores[finding.attack, name, curve.x][place].append(score)
    curves: dict[str, list[Curve]] = defaultdict(list)
    for (attack, name, axis), at in scores.items():
        curves[attack].append(Curve(name, axis, tuple((place, fmean(some)) for place, some in at.items())))
    return dict(curves)


def _lines(finding: Finding, method: str, reference: str) -> dict[str, Curve]:
    """Return a run's line under the method's name, and its controls' under their own."""
    curves = _drawn(finding)
    controls = {curve.name: curve for curve in curves if curve.name.startswith(_CONTROLS)}
    of_attack = [curve for curve in curves if curve.name not in controls]
    lines = {method: of_attack[-1]} if of_attack else {}
    return lines | controls if method == reference else lines


def _drawn(finding: Finding) -> list[Curve]:
    return [curve for curve in finding.curves if curve.x != "variant"]
