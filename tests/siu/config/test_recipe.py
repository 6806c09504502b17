"""The recipe follows the model's size, and says so where it doesn't."""

import pytest

from siu.config.file import check_params
from siu.config.params import UnlearningParams
from siu.config.preset import preset_values
from siu.config.recipe import RECIPES, describe_recipe, suiting_preset

DEFAULT = UnlearningParams().lr


@pytest.mark.parametrize(
    ("parameters", "preset"),
    [(1_800_000, None), (139_019_984, "medium"), (2_200_000_000, "large"), (7_063_427_072, "large")],
)
def test_each_size_has_its_recipe(parameters: int, preset: str | None) -> None:
    assert suiting_preset(parameters) == preset
    recipe = check_params({} if preset is None else {"preset": preset}, "test").unlearning
    assert describe_recipe("siu", parameters, recipe.steps, recipe.lr, DEFAULT) == (
        f"recipe: siu, {recipe.steps} steps at {recipe.lr:g}"
    )


@pytest.mark.parametrize(
    ("parameters", "lr", "advice"),
    [
        (7_063_427_072, 4e-3, "for 7.1 billion parameters that is far from 0.0003: `preset: large` suits it"),
        (1_800_000, 3e-4, "for 1.8 million parameters that is far from 0.004: the defaults suit it"),
    ],
)
def test_a_rate_for_another_size_is_told(parameters: int, lr: float, advice: str) -> None:
    assert describe_recipe("siu", parameters, 32, lr, DEFAULT) == f"recipe: siu, 32 steps at {lr:g}; {advice}"


def test_rates_fall_with_the_size() -> None:
    rates = [
        DEFAULT if preset is None else preset_values(preset)["unlearning"]["lr"] for _, preset in RECIPES
    ]
    assert rates == sorted(rates, reverse=True)


def test_a_preset_may_stand_on_another() -> None:
    logos, medium = (check_params({"preset": name}, name) for name in ("logos", "medium"))
    assert logos.unlearning == medium.unlearning
    assert (logos.base_model.source, medium.base_model.source) == ("logos", "embedded")
