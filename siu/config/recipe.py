"""Which recipe suits a model of a size: the rate that a small model needs breaks a large one."""

from siu.config.preset import preset_values

RECIPES: tuple[tuple[float, str | None], ...] = ((2e7, None), (1e9, "medium"), (float("inf"), "large"))
"""Up to how many parameters of the base model, and the preset that suits it; None for the defaults."""
_FACTOR = 3.0
"""A rate so many times higher or lower than the suiting recipe's is worth a word."""


def suiting_preset(parameters: int) -> str | None:
    """Return the preset for a base model with so many parameters; None where the defaults suit it."""
    return next(preset for most, preset in RECIPES if parameters <= most)


def describe_recipe(objective: str, parameters: int, steps: int, lr: float, default_lr: float) -> str:
    """Return the recipe in one line, with a warning where it is made for another size.

    Args:
        objective: What is minimised.
        parameters: Of the base model.
        steps: Optimiser steps per concept.
        lr: Highest learning rate.
        default_lr: That of the defaults.
    """
    preset = suiting_preset(parameters)
    suiting = default_lr if preset is None else float(preset_values(preset)["unlearning"]["lr"])
    line = f"recipe: {objective}, {steps} steps at {lr:g}"
    if suiting / _FACTOR < lr < suiting * _FACTOR:
        return line
    advice = "the defaults suit it" if preset is None else f"`preset: {preset}` suits it"
    return f"{line}; for {_millions(parameters)} parameters that is far from {suiting:g}: {advice}"


def _millions(parameters: int) -> str:
    return f"{parameters / 1e6:,.1f} million" if parameters < 1e9 else f"{parameters / 1e9:,.1f} billion"
