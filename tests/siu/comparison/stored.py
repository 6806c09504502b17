"""A study's stored files read back, to make its table and page anew without running anything."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from siu.attacks.observation import Curve, Finding, Outcome
from siu.comparison.design import Case, Run
from siu.comparison.measures import ATTACKED, BEYOND
from siu.comparison.result import TWO_SIDED_DETAIL, RunResult

Row = Mapping[str, Any]
Curves = dict[tuple[str, str, int, str], list[Curve]]
"""Lines by method, concept, seed and attack."""
AUCS = ("grad_norm", "loss", "min_k", "min_k_plus_plus", "zlib_ratio")
"""Attacks of stored studies whose score is an ROC-AUC; the files don't say so."""


def stored_results(folder: Path) -> tuple[RunResult, ...]:
    """Return the runs of a study's folder, as far as its files tell: without what was said under attack.

    Args:
        folder: Holds ``runs.csv`` and ``table.csv``, and ``curves.csv`` if attacks have drawn lines.
    """
    rows = pd.read_csv(folder / "runs.csv", keep_default_na=False, na_values=[""]).to_dict("records")
    gated, curves = _gated(folder / "table.csv"), _curves(folder / "curves.csv")
    return tuple(_result({str(key): value for key, value in row.items()}, gated, curves) for row in rows)


def _result(row: Row, gated: set[str], curves: Curves) -> RunResult:
    run = Run(row["method"], Case(row["concept"], int(row["seed"])))
    done = row["status"] == "done"
    steps = _number(row["steps"])
    return RunResult(
        run,
        row["status"],
        "" if _number(row["reason"]) is None else str(row["reason"]),
        _named(row, "before.") if done else {},
        _named(row, "after.") if done else {},
        _number(row["lr"]),
        None if steps is None else int(steps),
        {stage: seconds for stage, seconds in _named(row, "seconds.").items() if seconds is not None},
        tuple(_findings(row, run, gated, curves)) if done else (),
        str(row["plan"]) if done else "",
    )


def _findings(row: Row, run: Run, gated: set[str], curves: Curves) -> Iterator[Finding]:
    """Yield a finding per attack that was measured: with its score, what is beyond the control, its lines."""
    for attack, score in _named(row, f"after.{ATTACKED}").items():
        beyond = _number(row.get(f"after.{BEYOND}{attack}"))
        plain = None if score is None or beyond is None else score - beyond
        details = {TWO_SIDED_DETAIL: None if score is None else max(score, 1 - score)}
        yield Finding(
            attack,
            Outcome(plain, score),
            strangers=None,
            retained=(),
            gold=None,
            curves=tuple(curves.get((run.method, run.case.concept, run.case.seed, attack), ())),
            details=details if attack in AUCS else {},
            gold_details={},
            said=(),
            budget={},
            seed=run.case.seed,
            seconds=0.0,
            gives="answer",
            gated=attack in gated,
        )


def _gated(path: Path) -> set[str]:
    """Return the attacks of which less is better: those that have a best method."""
    table = pd.read_csv(path)
    best = table[table["best"] & table["measure"].str.startswith((ATTACKED, BEYOND))]["measure"]
    return {str(key).removeprefix(ATTACKED).removeprefix(BEYOND) for key in best}


def _curves(path: Path) -> Curves:
    points: dict[tuple[str, str, int, str], dict[tuple[str, str], list[tuple[float | str, float]]]]
    points = defaultdict(lambda: defaultdict(list))
    for row in pd.read_csv(path, keep_default_na=False).to_dict("records") if path.is_file() else ():
        key = (row["method"], row["concept"], int(row["seed"]), row["attack"])
        points[key][row["line"], row["axis"]].append((_place(row["place"]), float(row["score"])))
    return {
        key: [Curve(name, axis, tuple(places)) for (name, axis), places in lines.items()]
        for key, lines in points.items()
    }


def _place(value: Any) -> float | str:
    try:
        return float(value)
    except ValueError:
        return str(value)


def _named(row: Row, prefix: str) -> dict[str, float | None]:
    return {key.removeprefix(prefix): _number(value) for key, value in row.items() if key.startswith(prefix)}


def _number(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
