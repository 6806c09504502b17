"""The model with an adapter in its weights: as it is given away, rounded, or trained further."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import torch
from peft.utils import ModulesToSaveWrapper
from torch import Tensor, nn

from siu.models.adapters import attach_saved
from siu.models.vision_language_model import VisionLanguageModel


@contextmanager
def merged_adapter(vlm: VisionLanguageModel, folder: Path | None) -> Iterator[VisionLanguageModel]:
    """Yield the model with a saved adapter merged; the base model's weights are put back at the end.

    What is yielded has vision features of its own, since the adapter may change tower or projector.

    Args:
        vlm: The base model, not in 4 bits.
        folder: The adapter; None yields the model as it is.

    Raises:
        ModelError: The folder holds no adapter that fits (`attach_saved`).
    """
    with adjustable_adapter(vlm, folder) as (merged, _):
        yield merged


@contextmanager
def adjustable_adapter(
    vlm: VisionLanguageModel, folder: Path | None
) -> Iterator[tuple[VisionLanguageModel, "AdapterStrength | None"]]:
    """Yield the same as `merged_adapter`, and how much of the adapter is in the weights; None without one."""
    if folder is None:
        yield VisionLanguageModel(vlm.model, vlm.processor, vlm.digest), None
        return
    with kept_weights(vlm) as weights:
        whole = {name: module for name, module in vlm.model.named_modules() if name}
        peft_model = attach_saved(vlm, folder)
        wrapped = [
            name for name, module in vlm.model.named_modules() if isinstance(module, ModulesToSaveWrapper)
        ]
        try:
            peft_model.merge_and_unload(safe_merge=True)
            merged = VisionLanguageModel(vlm.model, vlm.processor, vlm.digest)
            yield merged, AdapterStrength(merged, weights)
        finally:
            for name in wrapped:
                vlm.model.set_submodule(name, whole[name])


class AdapterStrength:
    """How much of a merged adapter is in the weights: W₀ + s · (W − W₀) for any s; 1 is as it was merged.

    Args:
        merged: The model with the adapter in its weights.
        base: W₀, the base model's weights by name.
    """

    def __init__(self, merged: VisionLanguageModel, base: Mapping[str, Tensor]) -> None:
        self._merged, self._base = merged, base

    @contextmanager
    def at(self, scale: float) -> Iterator[VisionLanguageModel]:
        """Yield the model with the adapter times a scale; at the end weights are as before, to the bit."""
        changed = {
            name: (weight, weight.detach().clone())
            for name, weight in self._merged.model.named_parameters()
            if not torch.equal(weight, self._base[name])
        }
        try:
            with torch.no_grad():
                for name, (weight, whole) in changed.items():
                    weight.copy_(torch.lerp(self._base[name].float(), whole.float(), scale))
            yield self._merged if self._sees_as_before(changed) else self._seeing_anew()
        finally:
            with torch.no_grad():
                for weight, whole in changed.values():
                    weight.copy_(whole)

    def _sees_as_before(self, changed: Mapping[str, object]) -> bool:
        language_model = f"{self._merged.architecture.language_model}."
        return all(name.startswith(language_model) for name in changed)

    def _seeing_anew(self) -> VisionLanguageModel:
        """Return the model without the vision features that it has kept."""
        anew = VisionLanguageModel(self._merged.model, self._merged.processor, self._merged.digest)
        anew.prefixes_shared, anew.long_prefix = self._merged.prefixes_shared, self._merged.long_prefix
        return anew


@contextmanager
def kept_weights(vlm: VisionLanguageModel) -> Iterator[Mapping[str, Tensor]]:
    """Yield every weight by name, and put it back to what it was when the block began."""
    weights = {name: weight.detach().clone() for name, weight in vlm.model.named_parameters()}
    try:
        yield MappingProxyType(weights)
    finally:
        vlm.model.requires_grad_(False)
        with torch.no_grad():
            for name, weight in vlm.model.named_parameters():
                weight.copy_(weights[name])


@contextmanager
def changed_linear_layers(
    vlm: VisionLanguageModel, change: Callable[[Tensor], Tensor]
) -> Iterator[VisionLanguageModel]:
    """Yield the model with the weights of its language model's linear layers changed, each by itself.

    They are put back at the end.

    Args:
        vlm: The model.
        change: Gives the new (out, in) weight of a layer for its old one.
    """
    with kept_weights(vlm):
        with torch.no_grad():
            for layer in linear_layers(vlm):
                layer.weight.copy_(change(layer.weight))
        yield vlm


def linear_layers(vlm: VisionLanguageModel) -> list[nn.Linear]:
    """Return the linear layers of the language model, in the order of its modules."""
    language_model = vlm.model.get_submodule(vlm.architecture.language_model)
    return [module for module in language_model.modules() if isinstance(module, nn.Linear)]
