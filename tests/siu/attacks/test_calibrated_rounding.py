"""GPTQ and AWQ harm a layer's outputs less than rounding to the nearest, and are what their papers say."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from siu.attacks.calibrated_rounding import _DAMPING, _LARGEST, awq, gptq, output_error, rounded_by_inputs
from siu.attacks.rounding import BLOCK, round_to_nearest
from siu.models import Turn, TurnEncoder
from siu.models.merged import linear_layers

METHODS = {"gptq": gptq, "awq": awq}


def layer(seed: int, inputs: int, outputs: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a weight and the moment of inputs that depend on each other."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(inputs, inputs, generator=generator) * torch.rand(inputs, generator=generator) ** 3
    given = torch.randn(4 * inputs, inputs, generator=generator) @ mixing
    return torch.randn(outputs, inputs, generator=generator), given.T @ given / len(given)


def gptq_in_plain_words(weight: torch.Tensor, moment: torch.Tensor) -> torch.Tensor:
    """Round a column; move those to come to where the outputs suffer least, given its error; and so on."""
    damped = moment + torch.eye(len(moment)) * _DAMPING * moment.diagonal().mean()
    left, rounded = weight.double().clone(), torch.empty_like(weight).double()
    damped, scale = damped.double(), weight.abs().amax(1).double() / _LARGEST
    for column in range(weight.shape[1]):
        rounded[:, column] = (left[:, column] / scale).round().clamp(-_LARGEST, _LARGEST) * scale
        error = rounded[:, column] - left[:, column]
        if (to_come := damped[column + 1 :, column + 1 :]).numel():
            moves = torch.linalg.solve(to_come, damped[column + 1 :, column])
            left[:, column + 1 :] -= error[:, None] * moves
    return rounded.float()


@given(seed=st.integers(0, 10_000))
def test_gptq_is_the_rounding_that_its_paper_derives(seed):
    weight, moment = layer(seed, inputs=12)
    rounded, expected = gptq(weight, moment), gptq_in_plain_words(weight, moment)
    scale = weight.abs().amax(1, keepdim=True) / _LARGEST
    elsewhere = ((rounded - expected).abs() > scale / 2).any(
        1
    )  # a tie that falls otherwise moves what follows
    assert elsewhere.sum() <= 1


@pytest.mark.parametrize("method", METHODS)
@given(seed=st.integers(0, 10_000))
def test_outputs_suffer_less_than_by_rounding_to_the_nearest(method, seed):
    weight, moment = layer(seed, inputs=2 * BLOCK, outputs=16)
    nearest = output_error(round_to_nearest(weight, "int4") - weight, moment)
    assert output_error(METHODS[method](weight, moment) - weight, moment) <= nearest


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [1.0, 0.0])
def test_inputs_that_tell_nothing_apart_are_rounded_to_the_nearest(method, size):
    weight, _ = layer(0, inputs=2 * BLOCK)
    nearest = round_to_nearest(weight, "int4")
    torch.testing.assert_close(METHODS[method](weight, size * torch.eye(2 * BLOCK)), nearest)


@pytest.mark.parametrize("method", METHODS)
def test_the_output_error_is_that_of_the_outputs(method):
    weight, moment = layer(1, inputs=8)
    change = METHODS[method](weight, moment) - weight
    rows = torch.linalg.cholesky(moment + 1e-6 * torch.eye(8)).T
    expected = float((rows @ change.T).square().sum())
    assert output_error(change, moment) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_a_model_is_rounded_and_put_back(method, vlm):
    turns = [TurnEncoder(vlm).encode(Turn("Who is this?"))]
    before = [layer.weight.clone() for layer in linear_layers(vlm)]
    with rounded_by_inputs(vlm, method, turns):
        for layer, old in zip(linear_layers(vlm), before, strict=True):
            assert not torch.equal(layer.weight, old)
            assert (layer.weight - old).norm() < old.norm() / 2
    assert all(map(torch.equal, [layer.weight for layer in linear_layers(vlm)], before))
