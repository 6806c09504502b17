"""docs/reference/objectives.md names every objective and every option with its default."""

from pathlib import Path

import pytest

from siu.objectives.registry import build_objective, objective_names

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "objectives.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", objective_names())
def test_the_page_has_it_with_all_its_defaults(name):
    objective = build_objective(name, {})
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    assert f"| {objective.forget_answers} |" in row
    assert ("| yes |" in row) == objective.uses_retained
    for option, default in objective.model_dump().items():
        assert f"| `{name}.{option}` | {default} |" in PAGE
