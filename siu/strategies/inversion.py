"""Pictures that the base model takes for a concept, made from its name alone.

The base model still knows what a release has forgotten: with the adapter off it names the concept. So
pictures can be sought that it calls by the name (Mahendran and Vedaldi 2015, arXiv 1412.0035, with a total
variation, and with shifts as usual since), and they can stand in for pictures that nobody keeps. They show
what the model goes by, not what the concept looks like.

Shapes: P pictures, C channels, H and W of the processed picture.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from siu.attacks.pixels import answer_loss, pixel_range, pixels_of
from siu.data.concepts import Concept
from siu.data.images import save_clean_png
from siu.language.phrasings import answer, questions
from siu.models import Turn, TurnEncoder, VisionLanguageModel


@dataclass(frozen=True)
class Inversion:
    """How pictures are sought.

    Attributes:
        pictures: How many of a concept.
        steps: Gradient steps.
        rate: Step size, in the range 0 to 1 of a picture's values.
        variation: Weight of the total variation: without it pictures are noise that the model alone reads.
        shift: Most pixels by which a picture is moved in a step.
        grain: Side in pixels of the coarse squares a picture starts from.
    """

    pictures: int = 5
    steps: int = 80
    rate: float = 0.05
    variation: float = 1.0
    shift: int = 6
    grain: int = 10


def invert(
    vlm: VisionLanguageModel,
    concept: Concept,
    placeholder: Path,
    folder: Path,
    settings: Inversion,
    *,
    seed: int,
) -> tuple[Path, ...]:
    """Write pictures that the base model names as the concept; equal arguments give equal bytes on a CPU.

    Args:
        vlm: The base model, without an adapter.
        concept: Its name and kind are read.
        placeholder: Any picture of the size that the model is used with; it decides the number of image
            tokens, nothing else.
        folder: Where to; made if missing.
        settings: How they are sought.
        seed: Decides the beginnings, the wordings and the shifts.
    """
    rng = random.Random(f"{seed}:{concept.id}:inversion")
    generator = torch.Generator().manual_seed(rng.getrandbits(32))
    limits = pixel_range(vlm)
    size = pixels_of(vlm, [placeholder]).shape
    pictures = _beginning(settings, size, generator).to(vlm.device).requires_grad_()
    optimiser = torch.optim.Adam([pictures], lr=settings.rate)
    encoder = TurnEncoder(vlm)
    wordings = questions("name", concept.kind, split="train")
    reply = answer("named", concept.kind, name=concept.name)
    for _ in range(settings.steps):
        turns = [
            encoder.encode(Turn(rng.choice(wordings), reply, placeholder)) for _ in range(settings.pictures)
        ]
        with torch.enable_grad():
            moved = _moved(pictures.clamp(0, 1), settings.shift, rng)
            pixels = limits.low + moved * (limits.high - limits.low)
            loss = answer_loss(vlm, turns, pixels) + settings.variation * _variation(pictures)
            optimiser.zero_grad()
            loss.backward()
        optimiser.step()
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"stand-in-{index:02d}.png" for index in range(settings.pictures)]
    for path, values in zip(paths, pictures.detach().clamp(0, 1).cpu(), strict=True):
        rows = (values * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
        save_clean_png(Image.fromarray(rows), path)
    return tuple(paths)


def _beginning(settings: Inversion, size: Sequence[int], generator: torch.Generator) -> Tensor:
    """Return (P, C, H, W) smooth noise."""
    _, channels, height, width = size
    coarse = torch.rand(
        settings.pictures,
        channels,
        max(1, height // settings.grain),
        max(1, width // settings.grain),
        generator=generator,
    )
    return F.interpolate(coarse, size=(height, width), mode="bilinear", align_corners=False)


def _moved(pictures: Tensor, limit: int, rng: random.Random) -> Tensor:
    """Return each picture shifted by some pixels; its edges are repeated."""
    if limit == 0:
        return pictures
    height, width = pictures.shape[-2:]
    padded = F.pad(pictures, (limit, limit, limit, limit), mode="replicate")
    parts = []
    for picture in padded:
        top, left = rng.randrange(2 * limit + 1), rng.randrange(2 * limit + 1)
        parts.append(picture[:, top : top + height, left : left + width])
    return torch.stack(parts)


def _variation(pictures: Tensor) -> Tensor:
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]).abs().mean()
    across = (pictures[..., :, 1:] - pictures[..., :, :-1]).abs().mean()
    return down + across
