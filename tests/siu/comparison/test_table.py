import pandas as pd
import pytest

from siu.comparison.measures import MEASURES
from siu.comparison.table import BASE, make_table, table_frame
from tests.siu.comparison.small_study import failed, result, study

RESULTS = (
    result("siu", "c-0", 0, em=1.0),
    result("siu", "c-0", 1, em=0.8),
    result("siu", "c-1", 0, em=0.9),
    result("npo", "c-0", 0, em=0.7, kept=1.0),
    failed("npo", "c-0", 1),
    result("npo", "c-1", 0, em=0.5, kept=0.8),
)


def test_means_are_over_the_runs_that_are_done() -> None:
    table = make_table(RESULTS, study("siu", "npo"))
    frame = pd.DataFrame([one.row() for one in RESULTS])
    wanted = frame[frame["status"] == "done"].groupby("method")["after.generality_em"].mean()
    for method in ("siu", "npo"):
        assert table[method]["generality_em"].mean.mean == pytest.approx(wanted[method])
    assert table["npo"]["generality_em"].mean.runs == 2
    assert table[BASE]["generality_em"].mean.mean == 0.0
    assert table[BASE]["generality_em"].mean.runs == 3, "the base model's answers count once per case"


def test_differences_are_paired_by_concept_and_seed() -> None:
    cell = make_table(RESULTS, study("siu", "npo"))["npo"]["generality_em"]
    assert cell.difference is not None
    assert cell.difference.mean == pytest.approx(((0.7 - 1.0) + (0.5 - 0.9)) / 2)
    assert cell.difference.runs == 2


def test_the_best_mean_is_marked_whichever_way_is_better() -> None:
    table = make_table(RESULTS, study("siu", "npo"))
    assert [name for name in table if table[name]["generality_em"].best] == ["siu"]
    assert [name for name in table if table[name]["loss_of_others"].best] == ["siu", "npo"]
    assert not table[BASE]["fluency"].best, "the base model is no competitor"


def test_what_nobody_measured_is_not_measured() -> None:
    table = make_table(RESULTS, study("siu", "npo"))
    assert {cells["g_eval"].mean.mean for cells in table.values()} == {None}
    assert not any(cells["g_eval"].best for cells in table.values())


def test_a_method_without_a_run_has_an_empty_row() -> None:
    table = make_table((result("siu"), failed("npo")), study("siu", "npo"))
    assert table["npo"]["generality_em"].mean.mean is None
    assert table["siu"]["generality_em"].best


def test_the_frame_has_a_row_per_method_and_measure() -> None:
    compared = study("siu", "npo", primary="loss_of_others")
    frame = table_frame(make_table(RESULTS, compared), compared)
    assert len(frame) == 3 * len(MEASURES)
    row = frame.set_index(["method", "measure"]).loc[("npo", "loss_of_others")]
    assert row["mean"] == pytest.approx(0.1)
    assert row["low"] <= row["mean"] <= row["high"]
    assert (row["min"], row["max"]) == pytest.approx((0.0, 0.2))
    assert frame.set_index("measure").loc["loss_of_others", "role"].unique() == ["primary"]
    assert set(frame[frame["measure"] != "loss_of_others"]["role"]) == {"exploratory"}


def test_the_primary_endpoint_alone_is_tested_and_held_against_the_number_of_methods() -> None:
    cases = [(f"c-{number}", 0) for number in range(6)]
    results = [result("siu", *case, kept=0.9) for case in cases]
    results += [result("npo", *case, kept=0.8) for case in cases]
    results += [result("ga", *case, kept=0.9) for case in cases]
    table = make_table(results, study("siu", "npo", "ga", primary="loss_of_others"))
    npo, same = table["npo"]["loss_of_others"], table["ga"]["loss_of_others"]
    assert npo.p_value == pytest.approx(2 / 2**6)
    assert npo.p_adjusted == pytest.approx(2 * 2 / 2**6)
    assert (same.p_value, same.p_adjusted) == (1.0, 1.0)
    assert table["npo"]["generality_em"].p_value is None, "exploratory"
    assert make_table(results, study("siu", "npo", "ga"))["npo"]["loss_of_others"].p_value is None


def test_a_share_on_which_all_concepts_agree_leaves_room_for_others() -> None:
    results = [result("siu", f"c-{number}", em=1.0) for number in range(8)]
    mean = make_table(results, study("siu"))["siu"]["generality_em"].mean
    assert (mean.low, mean.high) == pytest.approx((0.631, 1.0), abs=1e-3)
