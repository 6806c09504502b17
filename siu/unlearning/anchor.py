"""Hold an adapter where earlier concepts are: a penalty on its change, weighed by what its layers are given.

The change of layer W since the release before is ΔW. On inputs x it changes the layer's outputs by ΔW x,
whose mean square is tr(ΔW C ΔWᵀ), C the mean of x xᵀ. So C is all that has to be known of the inputs.
Divided by tr(W C Wᵀ) it has no unit, and layers can be added up.

Shapes: I inputs and O outputs of a layer, r rank.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from peft import PeftModel
from peft.tuners.lora.layer import Linear
from torch import Tensor

from siu.unlearning.inheritance import Moments

ADAPTER = "default"


class Anchor:
    """The penalty of one training.

    Args:
        peft_model: The adapter being trained, as the release before left it.
        moments: What the layers were given, summed in whatever way: the penalty has no unit.
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
        shares = [_size(_update(held.layer) - held.before, held.moment) / held.scale for held in self._layers]
        mean = torch.stack(shares).mean()
        (self._weight * mean).backward()
        return mean.item()


@dataclass(frozen=True)
class _Held:
    """A layer with what its adapter added at the start, C, and tr(W C Wᵀ): what the layer does itself."""

    layer: Linear
    before: Tensor
    moment: Tensor
    scale: float

    @classmethod
    def of(cls, layer: Linear, moment: Tensor) -> "_Held":
        weight = layer.base_layer.weight.float()
        moment = moment.to(weight.device)
        return cls(layer, _update(layer).detach().clone(), moment, _size(weight, moment).item() or 1.0)


def adapted_layers(peft_model: PeftModel) -> Iterator[tuple[str, Linear]]:
    """Yield the layers that an adapter changes, by their names in the base model."""
    for name, module in peft_model.named_modules():
        if isinstance(module, Linear):
            yield name.removeprefix("base_model.model."), module


def _update(layer: Linear) -> Tensor:
    """Return (O, I) what the adapter adds to the weight."""
    low, high = layer.lora_A[ADAPTER].weight, layer.lora_B[ADAPTER].weight
    update: Tensor = layer.scaling[ADAPTER] * (high.float() @ low.float())
    return update


def _size(weights: Tensor, moment: Tensor) -> Tensor:
    """Return tr(W C Wᵀ) of (O, I) weights."""
    return ((weights @ moment) * weights).sum()
