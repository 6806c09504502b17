"""The table of a study: means with intervals per method and measure, and differences to the reference."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from siu.comparison.attacked import attack_measures
from siu.comparison.bootstrap import Mean, bootstrap_mean
from siu.comparison.measures import MEASURES, Measure
from siu.comparison.result import RunResult
from siu.comparison.study import Study

BASE = "base model"
"""The row of the model before unlearning."""


@dataclass(frozen=True)
class Cell:
    """One method's measure.

    Attributes:
        mean: Over concepts and seeds.
        difference: Method minus reference on the same concepts and seeds; None for the reference itself and
            for the base model.
        best: Whether no other method has a better mean.
    """

    mean: Mean
    difference: Mean | None = None
    best: bool = False


Table = dict[str, dict[str, Cell]]
"""Cells by method (the base model first) and by the measure's key."""


def make_table(results: Sequence[RunResult], study: Study) -> Table:
    """Return the table of the runs that are done; a method without any has empty cells.

    Attacks that were made have columns; the base model is not attacked.
    """
    done = [result for result in results if result.status == "done"]
    measures = (*MEASURES, *attack_measures(done))
    by_method = {name: [one for one in done if one.run.method == name] for name in study.methods}
    first = {one.run.case: one for one in reversed(done)}  # the base model answers alike for every method
    table: Table = {BASE: {one.key: Cell(_mean(list(first.values()), one.key, "before")) for one in measures}}
    for name in study.methods:
        table[name] = {}
        for measure in measures:
            mean = _mean(by_method[name], measure.key, "after")
            pairs = None if name == study.reference else (by_method[name], by_method[study.reference])
            difference = _difference(*pairs, measure.key) if pairs else None
            table[name][measure.key] = Cell(mean, difference)
    return _mark_best(table, measures)


def table_frame(table: Table) -> pd.DataFrame:
    """Return ``table.csv``: one row per method and measure."""
    rows = []
    for method, cells in table.items():
        for key, cell in cells.items():
            row = {"method": method, "measure": key, **_flat("", cell.mean)}
            difference = cell.difference or Mean(None, None, None, 0, 0)
            rows.append(row | _flat("difference_", difference) | {"best": cell.best})
    return pd.DataFrame(rows)


def _flat(prefix: str, mean: Mean) -> dict[str, float | int | None]:
    names = ("mean", "low", "high", "runs", "concepts")
    return {f"{prefix}{name}": getattr(mean, name) for name in names}


def _mean(results: Sequence[RunResult], key: str, state: str) -> Mean:
    found = [(getattr(one, state).get(key), one.run.case.concept) for one in results]
    kept = [(value, concept) for value, concept in found if value is not None]
    return bootstrap_mean([value for value, _ in kept], [concept for _, concept in kept])


def _difference(results: Sequence[RunResult], reference: Sequence[RunResult], key: str) -> Mean:
    """Return the mean of paired differences: same concept, same seed, same training picture."""
    theirs = {one.run.case: one.after.get(key) for one in reference}
    values, concepts = [], []
    for one in results:
        own, other = one.after.get(key), theirs.get(one.run.case)
        if own is not None and other is not None:
            values.append(own - other)
            concepts.append(one.run.case.concept)
    return bootstrap_mean(values, concepts)


def _mark_best(table: Table, measures: Sequence[Measure]) -> Table:
    marked: Table = {name: dict(cells) for name, cells in table.items()}
    for measure in measures:
        means = {
            name: cells[measure.key].mean.mean
            for name, cells in table.items()
            if name != BASE and cells[measure.key].mean.mean is not None
        }
        if not means or not measure.arrow:
            continue
        best = (max if measure.arrow == "↑" else min)(value for value in means.values() if value is not None)
        for name, value in means.items():
            if value == best:
                cell = table[name][measure.key]
                marked[name][measure.key] = Cell(cell.mean, cell.difference, best=True)
    return marked
