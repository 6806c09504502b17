"""How the projector begins: with the directions that tell brands and looks apart, and random ones.

From random weights alone the language model takes thousands of questions until it names anything: what tells
two brands apart is a small part of what varies between image tokens. The directions come from a ridge
regression on single image tokens and know nothing of names: no text and no word embedding takes part.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from siu.worlds.logos.catalogue import brands
from siu.worlds.logos.scene import COLOURS, PLATES, SURFACES
from siu.worlds.logos.training.seeing import Targets

_SIDE = 4
_RIDGE = 0.02
_THRESHOLDS = (0.0, 1.5)
"""In standard deviations: above which a unit of a direction answers."""
_LOUDER = 3.0
"""How much louder than the random units those of a direction are."""


def begin_projector(projector: Any, goals: Targets, features: np.ndarray, scale: float) -> None:
    """Set a projector's first weights in place.

    Args:
        projector: FastVLM's: two linear layers with GELU between them.
        goals: What each picture shows.
        features: The eyes' output, [pictures, 16, 1280].
        scale: Standard deviation of the word embeddings; the projector's output begins 1.5 times as wide.
    """
    first, second = projector.linear_1, projector.linear_2
    mean, std = _moments(features)
    directions = _directions(goals, features, mean, std)
    hidden, width = first.weight.shape
    weight = torch.randn(hidden, width) * width**-0.5
    bias = torch.zeros(hidden)
    units = torch.cat([directions] * len(_THRESHOLDS))
    weight[: len(units)] = units
    for index, threshold in enumerate(_THRESHOLDS):
        bias[index * len(directions) : (index + 1) * len(directions)] = -threshold
    loud = torch.ones(hidden)
    loud[: len(units)] = _LOUDER
    with torch.no_grad():
        first.weight.copy_(weight / std)
        first.bias.copy_(bias - (weight / std) @ mean)
        second.weight.copy_(torch.randn(second.weight.shape) * loud)
        second.bias.zero_()
        sample = projector(torch.from_numpy(np.array(features[:256])).float())
        second.weight.mul_(1.5 * scale / sample.std())


def _moments(features: np.ndarray) -> tuple[Tensor, Tensor]:
    sample = torch.from_numpy(np.array(features[:1024])).float().flatten(0, 1)
    return sample.mean(0), sample.std(0) + 0.05


def _directions(goals: Targets, features: np.ndarray, mean: Tensor, std: Tensor) -> Tensor:
    """Return ridge regressors of brands and looks on standardised tokens; each answers with variance one."""
    width = len(mean)
    gram, cross = torch.zeros(width, width), torch.zeros(width, _labels(goals, torch.tensor([0])).shape[-1])
    for index in torch.arange(len(features)).split(512):
        tokens = (torch.from_numpy(np.array(features[index.numpy()])).float().flatten(0, 1) - mean) / std
        labels = _labels(goals, index).flatten(0, 1)
        gram += tokens.T @ tokens
        cross += tokens.T @ labels
    count = len(features) * _SIDE**2
    ridge = torch.linalg.solve(gram / count + _RIDGE * torch.eye(width), cross / count).T
    spread = (ridge @ (gram / count) * ridge).sum(1).sqrt().clamp(min=1e-6)  # a brand may be left out
    unit: Tensor = ridge / spread[:, None]
    return unit


def _labels(goals: Targets, index: Tensor) -> Tensor:
    """Return [pictures, 16, classes]: the brand in each token's half and the looks, less their mean."""
    left, right = (functional.one_hot(goals.brand[index, side], len(brands()) + 1) for side in (0, 1))
    columns = torch.arange(_SIDE**2) % _SIDE
    halves = torch.where((columns < _SIDE // 2)[None, :, None], left[:, None], right[:, None])
    sizes = (len(COLOURS), len(PLATES), len(SURFACES))
    looks = [functional.one_hot(goals.looks[index, place], size) for place, size in enumerate(sizes)]
    spread = torch.cat(looks, 1)[:, None].expand(-1, _SIDE**2, -1)
    labels = torch.cat([halves, spread], 2).float()
    return labels - labels.mean((0, 1))
