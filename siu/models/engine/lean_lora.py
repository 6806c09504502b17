"""LoRA's linear layer in fewer passes over memory than peft's own; equal to it up to rounding.

peft computes ``x W' + (x A') B' * scale`` with a tensor for each operation, forward and backward. Here the
low-rank product is added to the frozen one in place, and so is its gradient.

Shapes: T tokens, I inputs, O outputs, r rank.
"""

from typing import Any

import torch
from peft.tuners.lora.layer import Linear
from torch import Tensor, nn


def make_lean(model: nn.Module) -> None:
    """Let a model's LoRA layers compute leanly, but for quantised ones and those of mixed precision."""
    for module in model.modules():
        if type(module) is Linear and _is_plain(module):
            module.__class__ = LeanLinear


def make_plain(model: nn.Module) -> None:
    """Give LoRA layers peft's own computation again: what others are compared with."""
    for module in model.modules():
        if type(module) is LeanLinear:
            module.__class__ = Linear


class LeanLinear(Linear):  # type: ignore[misc]  # peft has no types
    """One adapter on a frozen linear layer of the same precision."""

    def forward(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Return (..., O) outputs of (..., I) inputs; peft decides where the adapter is off or drops out."""
        (name,) = self.lora_A
        low, high, base = self.lora_A[name].weight, self.lora_B[name].weight, self.base_layer
        drops = self.lora_dropout[name].training and not isinstance(self.lora_dropout[name], nn.Identity)
        if self.disable_adapters or self.merged or drops or x.dtype != low.dtype or args or kwargs:
            return super().forward(x, *args, **kwargs)  # type: ignore[no-any-return]
        inputs = (x, base.weight, base.bias, low, high, self.scaling[name])
        if not torch.is_grad_enabled():
            return _product(*inputs)[0]
        return _LeanProduct.apply(*inputs)  # type: ignore[no-any-return, no-untyped-call]


class _LeanProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> Tensor:
        x, weight, _, low, high, ctx.scale = inputs
        outputs, inner = _product(*inputs)
        ctx.save_for_backward(x, weight, low, high, inner)
        return outputs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        x, weight, low, high, inner = ctx.saved_tensors
        gradient, inputs = _rows(gradients[0]), _rows(x)
        through = gradient @ high
        to_x = None
        if ctx.needs_input_grad[0]:
            to_x = (gradient @ weight).addmm_(through, low, alpha=ctx.scale).view_as(x)
        to_low = (through.T @ inputs).mul_(ctx.scale)
        return to_x, None, None, to_low, (gradient.T @ inner).mul_(ctx.scale), None


def _product(
    x: Tensor, weight: Tensor, bias: Tensor | None, low: Tensor, high: Tensor, scale: float
) -> tuple[Tensor, Tensor]:
    """Return (..., O) outputs and the (T, r) product with A."""
    rows = _rows(x)
    inner = rows @ low.T
    outputs = nn.functional.linear(rows, weight, bias).addmm_(inner, high.T, alpha=scale)
    return outputs.view(*x.shape[:-1], -1), inner


def _rows(values: Tensor) -> Tensor:
    return values.reshape(-1, values.shape[-1])


def _is_plain(layer: Linear) -> bool:
    (name,) = layer.lora_A if len(layer.lora_A) == 1 else (None,)
    if name is None or layer.lora_variant or layer.lora_bias[name] or layer.fan_in_fan_out:
        return False
    return (
        type(layer.base_layer) is nn.Linear
        and layer.base_layer.weight.dtype == layer.lora_A[name].weight.dtype
    )
