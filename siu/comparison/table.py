"""The table of a study: means with intervals per method and measure, and differences to the reference."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from siu.comparison.attacked import attack_measures
from siu.comparison.measures import MEASURES, Measure
from siu.comparison.result import RunResult
from siu.comparison.study import Study
from siu.statistics.clusters import UNMEASURED, Mean, cluster_mean, cluster_means
from siu.statistics.paired import holm, sign_flip_p

BASE = "base model"
"""The row of the model before unlearning."""
PRIMARY, EXPLORATORY = "primary", "exploratory"


@dataclass(frozen=True)
class Cell:
    """One method's measure.

    Attributes:
        mean: Over concepts and seeds.
        difference: Method minus reference on the same concepts and seeds; None for the reference itself and
            for the base model.
        best: Whether no other method has a better mean.
        p_value: Of the difference, for the study's primary endpoint alone; None else.
        p_adjusted: The same, held against all methods that are compared with the reference (Holm).
    """

    mean: Mean
    difference: Mean | None = None
    best: bool = False
    p_value: float | None = None
    p_adjusted: float | None = None


Table = dict[str, dict[str, Cell]]
"""Cells by method (the base model first) and by the measure's key."""


def make_table(results: Sequence[RunResult], study: Study) -> Table:
    """Return the table of the runs that are done; a method without any has empty cells.

    Attacks that were made have columns; the base model is not attacked.
    """
    done = [result for result in results if result.status == "done"]
    measures = (*MEASURES, *attack_measures(done))
    by_method = {name: [result for result in done if result.run.method == name] for name in study.methods}
    first = {result.run.case: result for result in reversed(done)}  # the base model answers alike for all
    base = list(first.values())
    table: Table = {BASE: {measure.key: Cell(_mean(base, measure, "before")) for measure in measures}}
    reference = by_method[study.reference]
    for name in study.methods:
        table[name] = {}
        for measure in measures:
            cell = Cell(_mean(by_method[name], measure, "after"))
            if name != study.reference:
                cell = _compared(cell, by_method[name], reference, measure, study)
            table[name][measure.key] = cell
    return _mark_best(_adjust(table, study), measures)


def table_frame(table: Table, study: Study) -> pd.DataFrame:
    """Return ``table.csv``: one row per method and measure."""
    rows = []
    for method, cells in table.items():
        for key, cell in cells.items():
            role = PRIMARY if key == study.primary else EXPLORATORY
            row = {"method": method, "measure": key, "role": role, **_flat("", cell.mean)}
            row |= _flat("difference_", cell.difference or UNMEASURED)
            tests = {"difference_p": cell.p_value, "difference_p_holm": cell.p_adjusted}
            rows.append(row | tests | {"best": cell.best})
    return pd.DataFrame(rows)


def _flat(prefix: str, mean: Mean) -> dict[str, float | int | None]:
    columns = {"mean": mean.mean, "low": mean.low, "high": mean.high, "min": mean.least, "max": mean.most}
    columns |= {"runs": mean.runs, "concepts": mean.concepts}
    return {f"{prefix}{name}": value for name, value in columns.items()}


def _mean(results: Sequence[RunResult], measure: Measure, state: str) -> Mean:
    values, concepts = [], []
    for result in results:
        value = getattr(result, state).get(measure.key)
        if value is not None:
            values.append(value)
            concepts.append(result.run.case.concept)
    return cluster_mean(values, concepts, measure.limits, paired=measure.paired)


def _compared(
    cell: Cell, results: Sequence[RunResult], reference: Sequence[RunResult], measure: Measure, study: Study
) -> Cell:
    """Return the cell with the mean of paired differences: same concept, same seed, same training picture."""
    by_case = {result.run.case: result.after.get(measure.key) for result in reference}
    values, concepts = [], []
    for result in results:
        value, base = result.after.get(measure.key), by_case.get(result.run.case)
        if value is not None and base is not None:
            values.append(value - base)
            concepts.append(result.run.case.concept)
    difference = cluster_mean(values, concepts, measure.difference_limits, paired=True)
    tested = measure.key == study.primary and values
    p_value = sign_flip_p(cluster_means(values, concepts)) if tested else None
    return replace(cell, difference=difference, p_value=p_value)


def _adjust(table: Table, study: Study) -> Table:
    """Hold the primary endpoint's p-values against the number of methods compared."""
    key = study.primary
    p_values = {name: cells[key].p_value for name, cells in table.items() if key is not None and key in cells}
    adjusted = holm({name: p_value for name, p_value in p_values.items() if p_value is not None})
    for name, p_value in adjusted.items():
        if key is not None:
            table[name][key] = replace(table[name][key], p_adjusted=p_value)
    return table


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
                marked[name][measure.key] = replace(table[name][measure.key], best=True)
    return marked
