"""Low-rank updates of a frozen language model whose base weights may be in half precision."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

RANK, ALPHA = 8, 16


class LoraLinear(nn.Module):
    """A frozen linear map without bias plus a trained low-rank update in float32.

    Args:
        base: The frozen map.
        generator: Decides the first weights.
    """

    def __init__(self, base: nn.Linear, generator: torch.Generator) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        bound = base.in_features**-0.5
        first = torch.empty(RANK, base.in_features).uniform_(-bound, bound, generator=generator)
        self.lora_a = nn.Parameter(first)
        self.lora_b = nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, x: Tensor) -> Tensor:
        """Return the map of [..., in] as [..., out]."""
        rows = x.flatten(0, -2)
        low = functional.linear(rows, self.lora_a.to(x.dtype))
        plain = functional.linear(rows, self.base.weight)
        total = torch.addmm(plain, low, self.lora_b.to(x.dtype).T, alpha=ALPHA / RANK)
        return total.view(*x.shape[:-1], -1)


def add_lora(language_model: Any, *, seed: int) -> dict[str, LoraLinear]:
    """Put an update beside every linear map of the layers; return them by the map's name."""
    generator = torch.Generator().manual_seed(seed)
    layers: dict[str, LoraLinear] = {}
    for name, module in list(language_model.named_modules()):
        if isinstance(module, nn.Linear) and ".layers." in f".{name}":
            parent, _, child = name.rpartition(".")
            layers[name] = LoraLinear(module, generator)
            setattr(language_model.get_submodule(parent), child, layers[name])
    return layers


def merged(weight: Tensor, lora_a: Tensor, lora_b: Tensor) -> Tensor:
    """Return a weight with its update added, in float32."""
    total: Tensor = weight.float() + (lora_b.float() @ lora_a.float()) * (ALPHA / RANK)
    return total
