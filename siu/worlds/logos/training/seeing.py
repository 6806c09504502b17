"""Stage 1: the eyes' last blocks learn the brands, from cached features of the blocks before them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import EfficientNetModel

from siu.worlds.logos.catalogue import brands
from siu.worlds.logos.eyes import FIRST_TUNED, MEAN, STD, tuned
from siu.worlds.logos.scene import COLOURS, PLATES, SURFACES
from siu.worlds.logos.training.pool import Shown

_BATCH = 128


@dataclass(frozen=True)
class SeeingSizes:
    """How long the eyes are taught.

    Attributes:
        epochs: Passes over the pool.
        lr: Highest learning rate of the eyes; that of the heads is twice as high.
    """

    epochs: float = 3.6
    lr: float = 1e-3


def pixels(pictures: np.ndarray) -> Tensor:
    """Return [n, side, side, 3] bytes as the eyes' [n, 3, side, side] input, as the processor makes it."""
    values = torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 255
    return ((values - MEAN) / STD).contiguous(memory_format=torch.channels_last)


def cached(
    file: Path,
    arrays: np.ndarray,
    run: Callable[[Tensor], Tensor],
    shape: tuple[int, ...],
    prepare: Callable[[np.ndarray], Tensor] = pixels,
) -> np.ndarray:
    """Return what a function gives for each row of an array, as a map of a file in half precision.

    The file is made if it is missing; what an interrupted run has done is done again.
    """
    if not file.is_file():
        partial = file.with_suffix(".partial.npy")
        made = np.lib.format.open_memmap(partial, "w+", np.float16, (len(arrays), *shape))
        for start in range(0, len(arrays), _BATCH):
            with torch.no_grad():
                batch = run(prepare(arrays[start : start + _BATCH]))
            made[start : start + len(batch)] = batch.half().numpy()
        made.flush()
        partial.replace(file)
    stored: np.ndarray = np.load(file, mmap_mode="r")
    return stored


def channels_last(eyes: Any) -> None:
    """Lay the weights out as the CPU's convolutions are fastest with."""
    eyes.to(memory_format=torch.channels_last)


def lower_blocks(eyes: EfficientNetModel) -> Callable[[Tensor], Tensor]:
    """Return the part of the eyes that is never tuned, as a function of pixels."""

    def run(values: Tensor) -> Tensor:
        hidden: Tensor = eyes.embeddings(values)
        for block in eyes.encoder.blocks[:FIRST_TUNED]:
            hidden = block(hidden)
        return hidden

    return run


def upper_blocks(eyes: EfficientNetModel, hidden: Tensor) -> Tensor:
    """Return the eyes' [n, 1280, 4, 4] output for the lower blocks' output."""
    encoder: Any = eyes.encoder
    for block in encoder.blocks[FIRST_TUNED:]:
        hidden = block(hidden)
    seen: Tensor = encoder.top_activation(encoder.top_bn(encoder.top_conv(hidden)))
    return seen


def tokens(eyes: EfficientNetModel, hidden: Tensor) -> Tensor:
    """Return the eyes' [n, 16, 1280] output for the lower blocks' output, as FastVLM reads it."""
    return upper_blocks(eyes, hidden).flatten(2).transpose(1, 2)


def floats(values: np.ndarray) -> Tensor:
    """Return kept features as the upper blocks' input."""
    return torch.from_numpy(np.array(values)).float().contiguous(memory_format=torch.channels_last)


class Heads(nn.Module):
    """What the eyes are tuned with and what is then thrown away: linear readers of their output."""

    def __init__(self) -> None:
        super().__init__()
        self.brand = nn.Linear(1280, len(brands()) + 1)
        self.looks = nn.Linear(1280, len(COLOURS) + len(PLATES) + len(SURFACES))

    def forward(self, seen: Tensor, grouped: Tensor) -> tuple[Tensor, Tensor]:
        """Return brand logits of the left and the right logo, [n, 2, brands + 1], and the looks' logits."""
        halves = torch.stack([seen[..., :2].mean((2, 3)), seen[..., 2:].mean((2, 3))], 1)
        pooled = seen.mean((2, 3))
        read = torch.where(grouped[:, None, None], halves, pooled[:, None].expand_as(halves))
        return self.brand(functional.dropout(read, 0.2, self.training)), self.looks(pooled)


@dataclass(frozen=True)
class Targets:
    """What the heads shall say of each picture: class indices, [n, 2] for brands and [n, 3] for looks."""

    brand: Tensor
    looks: Tensor
    grouped: Tensor

    def at(self, index: Tensor) -> "Targets":
        """Return the targets of some pictures."""
        return Targets(self.brand[index], self.looks[index], self.grouped[index])


def targets(pool: tuple[Shown, ...]) -> Targets:
    """Return what the heads shall say of a pool's pictures; nobody's logo is the last class."""
    order = {brand.id: index for index, brand in enumerate(brands())}
    nobody = len(order)
    brand = [[order.get(key or "", nobody) for key in (shown.concepts * 2)[:2]] for shown in pool]
    looks = [
        [
            list(COLOURS).index(shown.scene.colour),
            PLATES.index(shown.scene.plate),
            SURFACES.index(shown.scene.surface),
        ]
        for shown in pool
    ]
    grouped = [shown.role == "group" for shown in pool]
    return Targets(torch.tensor(brand), torch.tensor(looks), torch.tensor(grouped))


def teach_seeing(
    eyes: EfficientNetModel,
    mids: np.ndarray,
    goals: Targets,
    sizes: SeeingSizes,
    *,
    seed: int,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> Heads:
    """Tune the eyes' last blocks in place, batch norms in eval mode, and return the heads.

    Args:
        eyes: ImageNet's eyes.
        mids: The lower blocks' output for each picture of the pool.
        goals: What the heads shall say.
        sizes: How long.
        seed: Decides order and the heads' first weights.
        on_step: Called with the step and its loss.
    """
    torch.manual_seed(seed)
    heads = Heads()
    tuned_weights = [parameter for name, parameter in eyes.named_parameters() if tuned(name)]
    eyes.requires_grad_(False).eval()
    for parameter in tuned_weights:
        parameter.requires_grad_(True)
    groups = [
        {"params": tuned_weights, "lr": sizes.lr},
        {"params": list(heads.parameters()), "lr": 2 * sizes.lr},
    ]
    steps = int(sizes.epochs * len(mids) / _BATCH)
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [sizes.lr, 2 * sizes.lr], total_steps=steps, pct_start=0.1
    )
    order = torch.empty(0, dtype=torch.long)
    for step in range(steps):
        if len(order) < _BATCH:
            order = torch.cat([order, torch.randperm(len(mids))])
        index, order = order[:_BATCH], order[_BATCH:]
        sorted_index = index.sort().values
        seen = upper_blocks(eyes, floats(mids[sorted_index.numpy()]))
        loss = _loss(heads, seen, goals.at(sorted_index))
        loss.backward()
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        on_step(step, loss.item())
    eyes.requires_grad_(False)
    return heads.eval()


def _loss(heads: Heads, seen: Tensor, goals: Targets) -> Tensor:
    brand, looks = heads(seen, goals.grouped)
    loss = functional.cross_entropy(brand.flatten(0, 1), goals.brand.flatten(), label_smoothing=0.05)
    for part, index in zip(looks.split([len(COLOURS), len(PLATES), len(SURFACES)], 1), range(3), strict=True):
        loss = loss + 0.4 * functional.cross_entropy(part, goals.looks[:, index])
    return loss
