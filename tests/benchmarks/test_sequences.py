"""Sequences: the orders, the concepts, and that page and table say the same."""

import json
from pathlib import Path

from benchmarks.sequences.__main__ import RESULTS
from benchmarks.sequences.figure import draw
from benchmarks.sequences.protocol import SELECTION, earlier, order_of
from benchmarks.sequences.table import is_selection, markdown, results

PAGE = Path(__file__).parents[2] / "docs" / "experiments" / "2026-11-30-sequences.md"


def test_an_odd_order_is_the_reverse_of_the_one_before():
    concepts = [f"c{number:02d}" for number in range(16)]
    assert order_of(concepts, 1) == tuple(reversed(order_of(concepts, 0)))
    assert order_of(concepts, 2) not in (order_of(concepts, 0), order_of(concepts, 1))
    assert sorted(order_of(concepts, 3)) == concepts


def test_earlier_concepts_are_those_of_the_releases_before():
    row = {"new": ["b"], "concepts": {"a": {"em": 1.0}, "b": {"em": 0.5}}}
    assert earlier(row) == [{"em": 1.0}]
    assert earlier({**row, "new": ["a", "b"]}) == [{"em": 1.0}, {"em": 0.5}], "of the first release all"


def test_nothing_is_measured_on_a_concept_that_settings_are_chosen_on():
    for result in results(RESULTS):
        assert is_selection(result) or not set(result["requests"]) & set(SELECTION)


def test_the_page_has_the_rows():
    assert markdown(RESULTS) in PAGE.read_text(encoding="utf-8"), (
        "paste what `python -m benchmarks.sequences` prints"
    )


def test_the_figure_is_drawn_of_what_is_there(tmp_path):
    first = next(result for result in results(RESULTS) if not is_selection(result))
    (tmp_path / "one.json").write_text(json.dumps(first))
    draw(tmp_path, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
