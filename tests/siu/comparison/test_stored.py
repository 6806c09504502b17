"""The committed tables are those of the committed runs."""

from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from siu.comparison.study_file import load_study
from siu.comparison.table import make_table, table_frame
from tests.siu.comparison.stored import stored_results

RESULTS = Path(__file__).parents[3] / "docs" / "experiments" / "results"
STUDIES = sorted(path.parent for path in RESULTS.glob("*/runs.csv"))


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_a_committed_table_is_that_of_its_runs(folder: Path) -> None:
    study = load_study(folder / "study.yaml")
    made = _as_read(table_frame(make_table(stored_results(folder), study), study))
    stored = pd.read_csv(folder / "table.csv")
    of_both = set(stored["measure"]) & set(made["measure"])
    assert len(of_both) > 20, "measures that came later, or have gone, are in one of them alone"
    pd.testing.assert_frame_equal(
        _of(stored, of_both), _of(made, of_both), check_dtype=False, rtol=1e-6, atol=1e-9
    )


def test_stored_runs_are_those_that_were_written(tmp_path: Path) -> None:
    folder = RESULTS / "robustness"
    written = pd.read_csv(folder / "runs.csv")
    rows = pd.DataFrame([result.row() for result in stored_results(folder)])
    shared = [column for column in written if column in rows]
    rows = _as_read(rows[shared])
    pd.testing.assert_frame_equal(rows, written[shared], check_dtype=False, rtol=1e-9, atol=1e-12)
    assert {"attack_relearning", "two_sided_min_k"} <= set(stored_results(folder)[0].after)


def test_a_mean_auc_of_one_half_is_not_read_as_nothing_known() -> None:
    study = load_study(RESULTS / "robustness" / "study.yaml")
    cells = make_table(stored_results(RESULTS / "robustness"), study)["siu_robust"]
    raw, two_sided = cells["attack_min_k"].mean, cells["two_sided_min_k"].mean
    assert raw.mean == pytest.approx(0.523, abs=1e-3)
    assert (raw.least, raw.most) == (0.0, 1.0)
    assert two_sided.mean == pytest.approx(0.842, abs=1e-3)


def _of(frame: pd.DataFrame, measures: set[str]) -> pd.DataFrame:
    return frame[frame["measure"].isin(measures)].reset_index(drop=True)


def _as_read(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.read_csv(StringIO(frame.to_csv(index=False)))
