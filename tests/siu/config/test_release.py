"""release.strategy: known names alone, and under `purge` none that stores what a picture can be made of."""

from pathlib import Path

import pytest

from siu.config.file import load_params
from siu.errors import PreflightError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "params.yaml"


def problem(file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(PreflightError) as caught:
        load_params(file)
    return str(caught.value)


def test_an_unknown_strategy_is_told_with_all_known_ones(file: Path) -> None:
    found = problem(file, "release: {strategy: forever}\n")
    assert "E-PAR-006" in found
    assert "release.strategy" in found
    assert "sequential" in found


@pytest.mark.parametrize("strategy", ["joint", "moments", "replay", "stand_ins"])
def test_purge_refuses_a_strategy_that_stores_what_a_picture_may_be_made_of(
    file: Path, strategy: str
) -> None:
    found = problem(file, f"release: {{strategy: {strategy}}}\npolicy: {{after_release: purge}}\n")
    assert "E-PAR-007" in found
    assert "policy.after_release is purge" in found
    assert f"release.strategy {strategy}" in found
    assert "Use release.strategy sequential or stacked, or policy.after_release keep" in found


@pytest.mark.parametrize("strategy", ["sequential", "stacked"])
def test_purge_goes_with_a_strategy_that_stores_none(file: Path, strategy: str) -> None:
    file.write_text(f"release: {{strategy: {strategy}}}\npolicy: {{after_release: purge}}\n")
    assert load_params(file).release.strategy == strategy


def test_a_strategy_that_merges_wants_a_base_model_that_can_be_merged_into(file: Path) -> None:
    text = (
        "release: {strategy: stacked}\nbase_model: {source: hub/model, revision: 0123abc, four_bit: true}\n"
    )
    assert "merges the released adapter" in problem(file, text)
