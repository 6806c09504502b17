"""Attacks in a study: columns, differences, lines."""

from dataclasses import replace

import pytest

from siu.attacks.observation import Curve, Finding, Outcome
from siu.comparison.attacked import attack_measures, curve_rows, mean_curves
from siu.comparison.curves import curves_svg
from siu.comparison.page import write_page
from siu.comparison.result import RunResult
from siu.comparison.table import BASE, make_table
from tests.siu.comparison.small_study import result, study


def relearning(*recall: float, gold: float = 0.2, gated: bool = True) -> Finding:
    curves = (
        Curve("1 pictures", "steps", ((0.0, 0.0), (4.0, 0.0))),
        Curve("3 pictures", "steps", tuple((4.0 * step, one) for step, one in enumerate(recall))),
        Curve("gold model: 3 pictures", "steps", ((0.0, 0.0), (4.0, gold))),
        Curve("wordings", "variant", (("Who?", 1.0),)),
    )
    score = sum(recall) / len(recall)
    own, control = Outcome(0.0, score), Outcome(0.0, gold)
    return Finding(
        "relearning", own, None, (), control, curves, {}, {}, (), {}, 0, 1.0, "answer", gated=gated
    )


def attacked(method: str, *findings: Finding, concept: str = "c-0") -> RunResult:
    return replace(result(method, concept), findings=findings)


def test_an_attack_has_a_score_and_what_is_beyond_its_control() -> None:
    results = (
        attacked("siu", relearning(0.0, 1.0)),
        attacked("siu", relearning(0.0, 0.6), concept="c-1"),
        attacked("npo", relearning(0.0, 0.2)),
    )
    table = make_table(results, study("siu", "npo"))
    assert table["siu"]["attack_relearning"].mean.mean == pytest.approx((0.5 + 0.3) / 2)
    assert table["siu"]["beyond_relearning"].mean.mean == pytest.approx((0.3 + 0.1) / 2)
    cell = table["npo"]["attack_relearning"]
    assert cell.best
    assert cell.difference is not None
    assert cell.difference.mean == pytest.approx(0.1 - 0.5), "paired: the same concept"
    assert table[BASE]["attack_relearning"].mean.mean is None, "nobody attacks the base model"


def min_k(auc: float) -> Finding:
    own, details = Outcome(0.5, auc), {"auc": auc, "two_sided_auc": max(auc, 1 - auc)}
    return Finding(
        "min_k", own, None, (), Outcome(0.5, 0.5), (), details, {}, (), {}, 0, 1.0, "trace", gated=True
    )


def test_a_mean_auc_does_not_hide_that_both_sides_tell() -> None:
    results = [attacked("siu", min_k(auc), concept=f"c-{number}") for number, auc in enumerate((0.0, 1.0))]
    cells = make_table(results, study("siu"))["siu"]
    assert cells["attack_min_k"].mean.mean == 0.5
    assert (cells["attack_min_k"].mean.least, cells["attack_min_k"].mean.most) == (0.0, 1.0)
    assert cells["two_sided_min_k"].mean.mean == 1.0
    arrows = {measure.key: measure.arrow for measure in attack_measures(results)}
    assert (arrows["attack_min_k"], arrows["two_sided_min_k"]) == ("", "↓")


def test_a_run_without_the_attack_does_not_count() -> None:
    table = make_table((attacked("siu", relearning(0.0, 1.0)), result("siu", "c-1")), study("siu"))
    assert table["siu"]["attack_relearning"].mean.runs == 1
    assert table["siu"]["generality_em"].mean.runs == 2


def test_without_attacks_there_are_no_columns() -> None:
    assert attack_measures((result("siu"),)) == ()


def test_what_no_gate_counts_has_no_better_way() -> None:
    arrows = [one.arrow for one in attack_measures((attacked("siu", relearning(0.0, gated=False)),))]
    assert arrows == ["", ""]


def test_lines_are_means_over_runs_beside_the_references_controls() -> None:
    results = (
        attacked("siu", relearning(0.0, 1.0)),
        attacked("siu", relearning(0.0, 0.5), concept="c-1"),
        attacked("npo", relearning(0.0, 0.25, gold=0.9)),
    )
    lines = {curve.name: curve.points for curve in mean_curves(results, "siu")["relearning"]}
    assert lines == {
        "siu": ((0.0, 0.0), (4.0, 0.75)),
        "npo": ((0.0, 0.0), (4.0, 0.25)),
        "gold model: 3 pictures": ((0.0, 0.0), (4.0, 0.2)),
    }


def test_every_place_of_every_line_is_a_row_and_no_wording() -> None:
    rows = list(curve_rows((attacked("siu", relearning(0.0, 1.0)),)))
    assert len(rows) == 2 + 2 + 2
    assert {row["axis"] for row in rows} == {"steps"}
    assert rows[3] == {
        "method": "siu",
        "concept": "c-0",
        "seed": 0,
        "attack": "relearning",
        "line": "3 pictures",
        "axis": "steps",
        "place": 4.0,
        "score": 1.0,
    }


def test_the_plot_names_its_lines_and_repeats_itself() -> None:
    curves = {"relearning": [Curve("siu", "steps", ((0.0, 0.0), (4.0, 1.0)))]}
    precision = {"quantisation": [Curve("siu", "precision", (("int8", 0.0), ("int4", 0.5)))]}
    plot = curves_svg(curves | precision)
    assert plot == curves_svg(curves | precision)
    assert {"relearning", "quantisation", "siu", "steps", "int4"} <= set(plot.replace("<", ">").split(">"))


def test_the_page_shows_attacks_only_where_there_were_some(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name, findings in (("with", (relearning(0.0, 1.0),)), ("without", ())):
        results = (attacked("siu", *findings),)
        compared = study("siu")
        write_page(tmp_path / name, "small", compared, results, make_table(results, compared), {}, {})
    assert "relearning, beyond" in (tmp_path / "with").read_text()
    assert "Under attack" not in (tmp_path / "without").read_text()
