"""Vision features: what is frozen runs once per picture."""

import threading
from functools import lru_cache
from inspect import signature
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from siu.digest import file_digest
from siu.images import load_image
from siu.models.architectures import ARCHITECTURES, Architecture
from siu.models.processors import image_inputs


class PictureFeatures:
    """Image features by picture content.

    What is kept never depends on what is trained: projected features while the projector is the base model's,
    features before the projector while an adapter changes it, none while an adapter changes the vision tower.
    That is read from the model at each use, so no feature can be stale.

    Args:
        model: The model whose ``get_image_features`` is used.
        processor: Its processor.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self._model = model
        self._processor = processor
        self._accepted = frozenset(signature(model.forward).parameters)
        self._seen: dict[str, Tensor] = {}
        self._projected: dict[str, Tensor] = {}
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
        missing = dict(zip(keys, pictures, strict=True))
        self._see({key: picture for key, picture in missing.items() if key not in self._seen})
        if self._adapted(self._projector):
            distinct = list(dict.fromkeys(keys))
            projected = dict(zip(distinct, self._project(distinct), strict=True))
            return [projected[key] for key in keys]
        new = [key for key in missing if key not in self._projected]
        if new:
            with torch.no_grad():
                self._projected.update(zip(new, self._project(new), strict=True))
        return [self._projected[key] for key in keys]

    @property
    def _architecture(self) -> Architecture:
        return ARCHITECTURES[self._model.config.model_type]

    @property
    def _projector(self) -> str:
        return self._architecture.projector[0]

    def _project(self, keys: list[str]) -> Tensor:
        projected: Tensor = self._model.get_submodule(self._projector)(
            torch.stack([self._seen[key] for key in keys])
        )
        return projected

    @torch.no_grad()
    def _see(self, pictures: dict[str, Path]) -> None:
        """Keep what the projector is given for these pictures."""
        if not pictures:
            return
        assert not self._model.training, "cached vision features need eval mode"
        given: list[Tensor] = []
        hook = self._model.get_submodule(self._projector).register_forward_pre_hook(
            lambda _, inputs: given.append(inputs[0])
        )
        try:
            self._model.get_image_features(**self.pixel_inputs(list(pictures.values())))
        finally:
            hook.remove()
        self._seen.update(zip(pictures, given[0], strict=True))

    def _adapted(self, place: str) -> bool:
        return any(adds_to_base(name) for name, _ in self._model.get_submodule(place).named_parameters())


def adds_to_base(parameter: str) -> bool:
    """Whether a parameter of this name belongs to an adapter and not to the base model."""
    return "lora_" in parameter or "modules_to_save." in parameter


@lru_cache(maxsize=65536)
def _picture_digest(picture: Path) -> str:
    return file_digest(picture)
