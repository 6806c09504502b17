"""The page of a study: one self-contained HTML file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from markupsafe import Markup

from siu.comparison.attacked import attack_measures, mean_curves
from siu.comparison.countdown import duration
from siu.comparison.curves import curves_svg
from siu.comparison.frontier import frontier_svg
from siu.comparison.measures import FORGET, KEEP, PAPER
from siu.comparison.result import RunResult
from siu.comparison.study import Study
from siu.comparison.table import BASE, Cell, Table
from siu.packaged import packaged_pages
from siu.statistics.clusters import Mean


@dataclass(frozen=True)
class Budget:
    """What one method was given.

    Attributes:
        method: The method.
        tries: Settings that tuning tried, over all concepts that are tuned on.
        settings: What it changes, as ``key: value`` texts.
        rates: Learning rate and steps it was run with.
        done: Runs done.
        failed: Runs that failed.
        planned: Runs of the study.
        seconds: Mean seconds of training per run, in words.
    """

    method: str
    tries: int
    settings: str
    rates: str
    done: int
    failed: int
    planned: int
    seconds: str


def write_page(
    path: Path,
    name: str,
    study: Study,
    results: Sequence[RunResult],
    table: Table,
    tries: Mapping[str, int],
    facts: Mapping[str, str],
) -> None:
    """Write the page; nothing is loaded from elsewhere.

    Args:
        path: The HTML file.
        name: The study's name.
        study: The study.
        results: Its runs.
        table: Their means.
        tries: Number of settings that tuning tried, by method.
        facts: What else the head says, such as the base model.
    """
    environment = packaged_pages("siu.comparison")
    environment.filters |= {"interval": interval, "spread": spread, "tested": tested}
    attacked, curves = attack_measures(results), mean_curves(results, study.reference)
    primary = next(
        (measure for measure in (*PAPER, *FORGET, *KEEP, *attacked) if measure.key == study.primary), None
    )
    groups = (("The paper's table 1", PAPER), ("What is forgotten", FORGET), ("What is kept", KEEP))
    text = environment.get_template("page.html.jinja").render(
        name=name,
        study=study,
        groups=groups,
        attacked=attacked,
        primary=primary,
        compared=sum(method != study.reference for method in study.methods),
        table=table,
        base=BASE,
        facts=facts,
        budgets=[_budget(study, method, results, tries.get(method, 0)) for method in study.methods],
        failures=[result for result in results if result.status == "failed"],
        frontier=_figure(frontier_svg(results, table, study)),
        curves=_figure(curves_svg(curves)) if curves else None,
    )
    path.write_text(text, encoding="utf-8")


def _figure(svg: str) -> Markup:
    """Return a figure that was drawn here, to be put into the page as it is."""
    return Markup(svg)  # nosec B704


def interval(mean: Mean, *, signed: bool = False) -> str:
    """Return ``0.970 [0.94, 1.00]``; "not measured" without a mean, no brackets without an interval."""
    if mean.mean is None:
        return "not measured"
    sign = "+" if signed else ""
    number = f"{mean.mean:{sign}.3f}"
    return number if mean.low is None else f"{number} [{mean.low:{sign}.2f}, {mean.high:{sign}.2f}]"


def spread(mean: Mean) -> str:
    """Return ``0.90 – 1.00, n 8 (24)``: the lowest and highest run, concepts and, in brackets, runs."""
    if mean.least is None or mean.most is None:
        return ""
    return f"{mean.least:.2f} – {mean.most:.2f}, n {mean.concepts} ({mean.runs})"


def tested(cell: Cell) -> str:
    """Return the p-value of the primary endpoint's difference; empty for all others."""
    if cell.p_value is None or cell.p_adjusted is None:
        return ""
    return f"p {cell.p_value:.3f}, Holm {cell.p_adjusted:.3f}"


def _budget(study: Study, method: str, results: Sequence[RunResult], tries: int) -> Budget:
    of_method = [result for result in results if result.run.method == method]
    done = [result for result in of_method if result.status == "done"]
    rates = dict.fromkeys(
        f"{result.lr:.3g} × {result.steps} steps" for result in of_method if result.lr is not None
    )
    settings = study.methods[method].set.items()
    return Budget(
        method,
        tries,
        ", ".join(f"{key}: {json.dumps(value)}" for key, value in settings) or "as params.yaml says",
        ", ".join(rates) or "–",
        len(done),
        sum(result.status == "failed" for result in of_method),
        len(of_method),
        duration(fmean(result.seconds["unlearn"] for result in done)) if done else "–",
    )
