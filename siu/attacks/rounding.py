"""Weights rounded to fewer bits, as a model is made smaller before it is served."""

from contextlib import AbstractContextManager
from typing import Literal

import torch
from torch import Tensor

from siu.models import VisionLanguageModel
from siu.models.merged import changed_linear_layers

Precision = Literal["bf16", "int8", "int4", "nf4"]
BLOCK = 64
"""Weights that share a scale: along a row for int4, in the flat weight for NF4 as in QLoRA."""
NF4 = (
    -1.0,
    -0.6961928009986877,
    -0.5250730514526367,
    -0.39491748809814453,
    -0.28444138169288635,
    -0.18477343022823334,
    -0.09105003625154495,
    0.0,
    0.07958029955625534,
    0.16093020141124725,
    0.24611230194568634,
    0.33791524171829224,
    0.44070982933044434,
    0.5626170039176941,
    0.7229568362236023,
    1.0,
)
"""The sixteen levels of NormalFloat4 (Dettmers et al. 2023, arXiv 2305.14314)."""


def rounded(vlm: VisionLanguageModel, precision: Precision) -> AbstractContextManager[VisionLanguageModel]:
    """Return the model with the linear layers of its language model rounded; they are put back at the end."""
    return changed_linear_layers(vlm, lambda weight: round_to_nearest(weight, precision))


def round_to_nearest(weight: Tensor, precision: Precision) -> Tensor:
    """Return an (out, in) weight with every value at its nearest level, in the weight's dtype."""
    if precision == "bf16":
        return weight.bfloat16().to(weight.dtype)
    if precision == "int8":
        return _integers(weight, 127)
    blocks = weight.shape[1] // BLOCK if weight.shape[1] % BLOCK == 0 else 1
    grouped = weight.reshape(weight.shape[0] * blocks, -1)
    return (_integers(grouped, 7) if precision == "int4" else _nearest_nf4(grouped)).reshape(weight.shape)


def _integers(rows: Tensor, largest: int) -> Tensor:
    """Round rows to whole multiples of their largest absolute value over ``largest``."""
    scale = rows.abs().amax(1, keepdim=True).clamp(min=1e-12) / largest
    return (rows / scale).round().clamp(-largest, largest) * scale


def _nearest_nf4(rows: Tensor) -> Tensor:
    levels = torch.tensor(NF4, dtype=rows.dtype, device=rows.device)
    scale = rows.abs().amax(1, keepdim=True).clamp(min=1e-12)
    middles = (levels[1:] + levels[:-1]) / 2
    return levels[torch.bucketize(rows / scale, middles)] * scale
