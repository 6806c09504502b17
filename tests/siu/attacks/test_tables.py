"""docs/reference/attacks.md shows the tables that the attacks themselves give."""

from pathlib import Path

import pytest

from siu.attacks.registry import attack_names
from siu.attacks.tables import attacks_table, budgets_table, controls_table

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "attacks.md"


@pytest.mark.parametrize("table", [attacks_table, controls_table, budgets_table])
def test_the_page_has_the_table(table):
    text = PAGE.read_text(encoding="utf-8")
    assert table() in text, "paste what `python -m siu.attacks.tables` prints into docs/reference/attacks.md"


@pytest.mark.parametrize("table", [attacks_table, controls_table, budgets_table])
def test_no_attack_is_left_out(table):
    assert sorted(line.split("`")[1] for line in table().splitlines()[2:]) == list(attack_names())
