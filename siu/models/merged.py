"""The model with an adapter in its weights: as it is given away, rounded, or trained further."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from peft.utils import ModulesToSaveWrapper

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
    if folder is None:
        yield VisionLanguageModel(vlm.model, vlm.processor, vlm.digest)
        return
    with kept_weights(vlm):
        whole = {name: module for name, module in vlm.model.named_modules() if name}
        peft_model = attach_saved(vlm, folder)
        wrapped = [name for name, one in vlm.model.named_modules() if isinstance(one, ModulesToSaveWrapper)]
        try:
            peft_model.merge_and_unload(safe_merge=True)
            yield VisionLanguageModel(vlm.model, vlm.processor, vlm.digest)
        finally:
            for name in wrapped:
                vlm.model.set_submodule(name, whole[name])


@contextmanager
def kept_weights(vlm: VisionLanguageModel) -> Iterator[None]:
    """Put every weight back to what it was when the block began."""
    kept = {name: weight.detach().clone() for name, weight in vlm.model.named_parameters()}
    try:
        yield
    finally:
        vlm.model.requires_grad_(False)
        with torch.no_grad():
            for name, weight in vlm.model.named_parameters():
                weight.copy_(kept[name])
