"""Vision features: what is frozen runs once per picture."""

import threading
from functools import lru_cache
from inspect import signature
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from siu.data.images import load_image
from siu.models.architectures import ARCHITECTURES, Architecture
from siu.models.engine.recent_tensors import RecentTensors
from siu.models.processors import image_inputs
from siu.storage.digest import file_digest

MOST_BYTES = 1 << 31
"""Features kept from one use to the next: 450 pictures of LLaVA-1.5-7B in half precision."""


class PictureFeatures:
    """Image features by picture content.

    What is kept never depends on what is trained: projected features while the projector is the base model's,
    features before the projector while an adapter changes it, none while an adapter changes the vision tower.
    That is read from the model at each use, so no feature can be stale. Beyond `MOST_BYTES` those not
    used for the longest time are computed again when they are wanted.

    Args:
        model: The model whose ``get_image_features`` is used.
        processor: Its processor.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self._model = model
        self._processor = processor
        self._accepted = frozenset(signature(model.forward).parameters)
        self._seen = RecentTensors(MOST_BYTES)
        self._projected = RecentTensors(MOST_BYTES)
        self._sizes: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()  # two lanes may want the features of different pictures

    @property
    def supported(self) -> bool:
        """Whether `features` can stand in for pixels, in this architecture and with the adapter attached."""
        return self._architecture.cacheable and not self._adapted(self._architecture.vision_tower)

    @property
    def frozen(self) -> bool:
        """Whether what the language model is given of a picture stays as it is while training."""
        return self.supported and not self._adapted(self._projector)

    def size(self, picture: Path) -> tuple[int, int]:
        """Return a picture's width and height; it is decoded once, however many encoders ask."""
        key = _picture_digest(picture)
        if key not in self._sizes:
            self._sizes[key] = load_image(picture).size
        return self._sizes[key]

    def pixel_inputs(self, pictures: list[Path]) -> dict[str, Tensor]:
        """Return the image processor's output for a row of pictures, on the model's device.

        What only the processor needs, such as the number of tiles, is left out.
        """
        inputs = image_inputs(self._processor, [load_image(picture) for picture in pictures])
        weight = self._model.get_input_embeddings().weight
        return {
            key: value.to(weight.device, weight.dtype if value.is_floating_point() else None)
            for key, value in inputs.items()
            if key in self._accepted
        }

    def features(self, pictures: list[Path]) -> list[Tensor]:
        """Return one (image tokens, hidden) tensor per picture, with a gradient if the projector is trained.

        New pictures go through the vision tower in one batch.
        """
        with self._lock:
            return self._features(pictures)

    def _features(self, pictures: list[Path]) -> list[Tensor]:
        keys = [_picture_digest(picture) for picture in pictures]
        by_key = dict(zip(keys, pictures, strict=True))
        if self._adapted(self._projector):
            seen = self._seen.of(by_key, self._see)
            features = dict(zip(seen, self._project(list(seen.values())), strict=True))
        else:
            features = self._projected.of(by_key, self._see_and_project)
        return [features[key] for key in keys]

    @property
    def _architecture(self) -> Architecture:
        return ARCHITECTURES[self._model.config.model_type]

    @property
    def _projector(self) -> str:
        return self._architecture.projector[0]

    @torch.no_grad()
    def _see_and_project(self, pictures: dict[str, Path]) -> Tensor:
        return self._project(list(self._see(pictures)))

    def _project(self, seen: list[Tensor]) -> Tensor:
        projected: Tensor = self._model.get_submodule(self._projector)(torch.stack(seen))
        return projected

    @torch.no_grad()
    def _see(self, pictures: dict[str, Path]) -> Tensor:
        """Return what the projector is given for these pictures."""
        assert not self._model.training, "cached vision features need eval mode"
        features: list[Tensor] = []
        hook = self._model.get_submodule(self._projector).register_forward_pre_hook(
            lambda _, inputs: features.append(inputs[0])
        )
        try:
            self._model.get_image_features(**self.pixel_inputs(list(pictures.values())))
        finally:
            hook.remove()
        return features[0]

    def _adapted(self, place: str) -> bool:
        return any(adds_to_base(name) for name, _ in self._model.get_submodule(place).named_parameters())


def adds_to_base(parameter: str) -> bool:
    """Whether a parameter of this name belongs to an adapter and not to the base model."""
    return "lora_" in parameter or "modules_to_save." in parameter


@lru_cache(maxsize=65536)
def _picture_digest(picture: Path) -> str:
    return file_digest(picture)
