"""What a study leaves for people, from published outputs: tables of runs, tries and means, and a page."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from siu.comparison.result import RunResult
from siu.comparison.table import Table, table_frame
from tasks.comparison.runs import Comparison

RUNS, TABLE, TUNING, CURVES, PAGE = "runs.csv", "table.csv", "tuning.csv", "curves.csv", "index.html"

TRY = (
    "method",
    "concept",
    "lr",
    "steps",
    "score",
    "name_probability",
    "yes_probability",
    "kept",
    "problem",
)


def write_comparison(comparison: Comparison, results: Sequence[RunResult], table: Table) -> None:
    """Write the files, `CURVES` only where attacks have drawn some; equal results give equal bytes."""
    import pandas as pd

    from siu.comparison.attacked import curve_rows
    from siu.comparison.page import write_page

    folder = comparison.folder
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame([result.row() for result in results]).to_csv(folder / RUNS, index=False)
    table_frame(table, comparison.study).to_csv(folder / TABLE, index=False)
    tries = pd.DataFrame(_tries(comparison), columns=TRY)
    tries.to_csv(folder / TUNING, index=False)
    if curves := list(curve_rows(results)):
        pd.DataFrame(curves).to_csv(folder / CURVES, index=False)
    counts = {str(method): count for method, count in tries["method"].value_counts().items()}
    write_page(folder / PAGE, comparison.name, comparison.study, results, table, counts, _facts(comparison))


def _tries(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """Yield what tuning tried, as far as it got, with the likelihoods it was judged by."""
    for method, case in product(comparison.study.methods, comparison.design.tuning_cases):
        for trial in comparison.tries(method, case) or ():
            measured = trial["progress"] or {}
            yield {"method": method, "concept": case.concept, **trial, **measured}


def _facts(comparison: Comparison) -> dict[str, str]:
    job, study, cases = comparison.job, comparison.study, comparison.design.cases
    return {
        "base model": f"{job.params.base_model.source} ({job.base_digest[:12]})",
        "concepts": ", ".join(dict.fromkeys(case.concept for case in cases)),
        "tuned on": ", ".join(case.concept for case in comparison.design.tuning_cases) or "nothing",
        "seeds": ", ".join(map(str, study.seeds)),
    }
