"""Weights rounded to 4 bits with an eye on what the layers are given: GPTQ and AWQ.

Both lessen tr(Δ C Δᵀ), the mean square of what a layer's change Δ does to its outputs; C is the mean of x xᵀ
over the layer's inputs x. Layers whose C there is room for together are rounded together; those behind them
are given what the rounded ones make. (GPTQ's program goes block by block of the model.)

Shapes: O outputs and I inputs of a layer.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn

from siu.attacks.rounding import BLOCK, round_to_nearest
from siu.models import EncodedTurn, VisionLanguageModel
from siu.models.engine.forward import pad
from siu.models.engine.plain_inputs import plain_inputs
from siu.models.merged import kept_weights, linear_layers

Calibrated = Literal["gptq", "awq"]
_LARGEST = 7
"""The largest level of four bits, on both sides of nought."""
_DAMPING = 0.01
"""Share of the mean of C's diagonal that GPTQ adds to it (its paper's)."""
_EXPONENTS = 20
"""Exponents between 0 and 1 that AWQ tries (its program's)."""
_MOMENTS = 2**28
"""Numbers that the moments of the layers that are rounded together may take: a gigabyte."""


@contextmanager
def rounded_by_inputs(
    vlm: VisionLanguageModel, method: Calibrated, turns: Sequence[EncodedTurn]
) -> Iterator[VisionLanguageModel]:
    """Yield the model with the linear layers of its language model rounded; they are put back at the end.

    Args:
        vlm: The model.
        method: GPTQ or AWQ, in blocks of 64 along a row.
        turns: The questions that the layers' inputs are taken from.
    """
    rounds: Callable[[Tensor, Tensor], Tensor] = gptq if method == "gptq" else awq
    with kept_weights(vlm), torch.no_grad():
        for layers in _groups(linear_layers(vlm)):
            moments = _moments(vlm, layers, turns)
            for layer, moment in zip(layers, moments, strict=True):
                layer.weight.copy_(rounds(layer.weight.float(), moment))
        yield vlm


def gptq(weight: Tensor, moment: Tensor) -> Tensor:
    """Round column by column; those to come make up for the error (Frantar et al., arXiv 2210.17323).

    Args:
        weight: (O, I), float32.
        moment: (I, I) C.
    """
    left, rounded = weight.clone(), torch.empty_like(weight)
    inputs = weight.shape[1]
    block = BLOCK if inputs % BLOCK == 0 else inputs
    damping = _DAMPING * moment.diagonal().mean().clamp(min=1e-6)  # a layer may have been given nothing
    damped = moment + torch.eye(inputs, device=moment.device) * damping
    inverse = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(damped)), upper=True)
    for start in range(0, inputs, block):
        end = start + block
        scale = left[:, start:end].abs().amax(1).clamp(min=1e-12) / _LARGEST
        errors = torch.empty_like(left[:, start:end])
        for column in range(start, end):
            value = left[:, column]
            rounded[:, column] = (value / scale).round().clamp(-_LARGEST, _LARGEST) * scale
            error = (value - rounded[:, column]) / inverse[column, column]
            left[:, column + 1 : end] -= error[:, None] * inverse[column, column + 1 : end]
            errors[:, column - start] = error
        left[:, end:] -= errors @ inverse[start:end, end:]
    return rounded


def awq(weight: Tensor, moment: Tensor) -> Tensor:
    """Round with inputs that matter scaled up, and scaled back after (Lin et al., arXiv 2306.00978).

    An input matters by its root mean square, to the power of whichever exponent is best. (The paper's is its
    mean absolute value.)

    Args:
        weight: (O, I), float32.
        moment: (I, I) C.
    """
    size = moment.diagonal().clamp(min=1e-12).sqrt()
    candidates = [_scaled(weight, (size / size.mean()) ** (step / _EXPONENTS)) for step in range(_EXPONENTS)]
    return min(candidates, key=lambda rounded: output_error(rounded - weight, moment))


def output_error(change: Tensor, moment: Tensor) -> float:
    """Return tr(Δ C Δᵀ) of a layer's (O, I) change."""
    return float((change @ moment * change).sum())


def _scaled(weight: Tensor, scale: Tensor) -> Tensor:
    return round_to_nearest(weight * scale, "int4") / scale


def _groups(layers: Sequence[nn.Linear]) -> Iterator[list[nn.Linear]]:
    """Yield layers in their order, as many together as there is room for their moments."""
    group, room = list[nn.Linear](), _MOMENTS
    for layer in layers:
        room -= layer.in_features**2
        if room < 0 and group:
            yield group
            group, room = [], _MOMENTS - layer.in_features**2
        group.append(layer)
    yield group


def _moments(
    vlm: VisionLanguageModel, layers: Sequence[nn.Linear], turns: Sequence[EncodedTurn]
) -> list[Tensor]:
    """Return the mean x xᵀ of each layer's inputs, over all tokens of some questions."""
    moments = [torch.zeros(layer.in_features, layer.in_features, device=vlm.device) for layer in layers]
    hooks = [
        layer.register_forward_pre_hook(partial(_add, moment))
        for layer, moment in zip(layers, moments, strict=True)
    ]
    tokens = 0
    try:
        for turn in turns:  # one at a time: no padding among the inputs
            ids, mask = pad([turn.prompt_ids], side="right", device=vlm.device)
            tokens += len(turn.prompt_ids)
            more = plain_inputs(vlm, [turn], ids, mask, answered=False)
            vlm.model(input_ids=ids, attention_mask=mask, use_cache=False, **more)
    finally:
        for hook in hooks:
            hook.remove()
    return [moment / tokens for moment in moments]


def _add(moment: Tensor, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    rows = inputs[0].flatten(0, -2).float()
    moment += rows.T @ rows
