"""Hold an adapter where the model must stay as it is: a penalty on its change, weighed by its layers' inputs.

The change of layer W since the training began is ΔW. On inputs x it changes the layer's outputs by ΔW x,
whose mean square is tr(ΔW C ΔWᵀ), C the mean of x xᵀ. So C is all that has to be known of the inputs.
Divided by tr(W C Wᵀ) it has no unit, and layers can be added up.

ΔW has a low rank: with B A = B₀ A₀ at the start it is (B − B₀) A + B₀ (A − A₀) = H L, and
tr(H L C Lᵀ Hᵀ) = Σ (HᵀH) ∘ (L C Lᵀ), which takes no matrix of the layer's size but C.

Shapes: I inputs and O outputs of a layer, r rank; H (O, 2r), L (2r, I).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from peft import PeftModel
from peft.tuners.lora.layer import LoraLayer
from peft.utils.integrations import dequantize_module_weight
from torch import Tensor

from siu.unlearning.inheritance import Moments

ADAPTER = "default"


class Anchor:
    """A penalty on what an adapter changes on some inputs.

    Args:
        peft_model: The adapter being trained, as the training begins.
        moments: What the layers are given there, summed in whatever way: the penalty has no unit.
        weight: Weight of the penalty.
    """

    def __init__(self, peft_model: PeftModel, moments: Moments, weight: float) -> None:
        self._weight = weight
        self._layers = [
            _Held.of(layer, moments[name]) for name, layer in adapted_layers(peft_model) if name in moments
        ]

    @property
    def holds(self) -> bool:
        """Whether there is anything to hold."""
        return bool(self._layers)

    def backward(self) -> float:
        """Add the penalty's gradient to the adapter's parameters; return its value without the weight."""
        mean = torch.stack([held.share() for held in self._layers]).mean()
        (self._weight * mean).backward()
        return mean.item()


@dataclass(frozen=True)
class _Held:
    """A layer with A₀ and B₀ of its adapter, C, and tr(W C Wᵀ): what the layer does itself."""

    layer: LoraLayer
    low: Tensor
    high: Tensor
    moment: Tensor
    scale: float

    @classmethod
    def of(cls, layer: LoraLayer, moment: Tensor) -> "_Held":
        weight = dequantize_module_weight(layer.base_layer).float()
        moment = moment.to(weight.device)
        scale = ((weight @ moment) * weight).sum().item() or 1.0
        low, high = (part.detach().clone() for part in _factors(layer))
        return cls(layer, low, high, moment, scale)

    def share(self) -> Tensor:
        """Return tr(ΔW C ΔWᵀ) / tr(W C Wᵀ)."""
        low, high = _factors(self.layer)
        rights = torch.cat([low, low - self.low])
        lefts = torch.cat([high - self.high, self.high], dim=1)
        changed = ((lefts.T @ lefts) * (rights @ self.moment @ rights.T)).sum()
        share: Tensor = self.layer.scaling[ADAPTER] ** 2 * changed / self.scale
        return share


def adapted_layers(peft_model: PeftModel) -> Iterator[tuple[str, LoraLayer]]:
    """Yield the layers that an adapter changes, by their names in the base model."""
    for name, module in peft_model.named_modules():
        if isinstance(module, LoraLayer):
            yield name.removeprefix("base_model.model."), module


def _factors(layer: LoraLayer) -> tuple[Tensor, Tensor]:
    """Return (r, I) A and (O, r) B of the adapter."""
    return layer.lora_A[ADAPTER].weight.float(), layer.lora_B[ADAPTER].weight.float()
