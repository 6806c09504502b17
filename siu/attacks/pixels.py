"""Pictures as the vision tower gets them, with a gradient.

Shapes: B rows, C channels, H and W of the processed picture, L prompt length, V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from siu.models import EncodedTurn, VisionLanguageModel
from siu.models.engine.forward import at_answers, pad
from siu.models.engine.reply import answer_labels
from siu.models.engine.token_types import token_types


@dataclass(frozen=True)
class PixelRange:
    """How far processed pixels go, and what 1/255 of a picture is there; each (1, C, 1, 1)."""

    low: Tensor
    high: Tensor
    unit: Tensor


def pixel_range(vlm: VisionLanguageModel) -> PixelRange:
    """Return the range of the model's processed pixels."""
    images = vlm.processor.image_processor
    mean, deviation = (
        torch.tensor(list(values), device=vlm.device).view(1, -1, 1, 1)
        for values in (images.image_mean, images.image_std)
    )
    return PixelRange((0 - mean) / deviation, (1 - mean) / deviation, 1 / 255 / deviation)


def one_row_each(vlm: VisionLanguageModel) -> bool:
    """Return whether a picture is one row of pixels of fixed size, which alone can be changed here."""
    return not vlm.architecture.tiles


def pixels_of(vlm: VisionLanguageModel, pictures: Sequence[Path]) -> Tensor:
    """Return (B, C, H, W) processed pictures; `one_row_each` says for which models."""
    return torch.cat([vlm.features.pixel_inputs([picture])["pixel_values"] for picture in pictures])


def answer_loss(vlm: VisionLanguageModel, turns: Sequence[EncodedTurn], pixels: Tensor) -> Tensor:
    """Return the mean loss of the turns' answers on these pixels, with a gradient to them.

    Args:
        vlm: The model.
        turns: Questions with answers.
        pixels: (B, C, H, W), a row per turn.
    """
    ids, mask = pad([(*turn.prompt_ids, *turn.answer_ids) for turn in turns], side="right", device=vlm.device)
    states = vlm.model.model(**_inputs(vlm, turns, ids, mask, pixels, answered=True), use_cache=False)
    logits = vlm.logits(at_answers(states.last_hidden_state, turns))
    return F.cross_entropy(logits.float(), answer_labels(turns, vlm.device))


@torch.no_grad()
def pixel_answers(
    vlm: VisionLanguageModel, turns: Sequence[EncodedTurn], pixels: Tensor, *, max_new_tokens: int
) -> list[str]:
    """Return the greedy answers on these pixels, a row per turn."""
    ids, mask = pad([turn.prompt_ids for turn in turns], side="left", device=vlm.device)
    inputs = _inputs(vlm, turns, ids, mask, pixels, answered=False)
    output = vlm.model.generate(**inputs, max_new_tokens=max_new_tokens, do_sample=False, num_beams=1)
    rows = output[:, ids.shape[1] :].tolist()
    return [str(vlm.tokenizer.decode(row, skip_special_tokens=True)).strip() for row in rows]


def _inputs(
    vlm: VisionLanguageModel,
    turns: Sequence[EncodedTurn],
    ids: Tensor,
    mask: Tensor,
    pixels: Tensor,
    *,
    answered: bool,
) -> dict[str, Any]:
    lengths = [len(turn.answer_ids) if answered else 0 for turn in turns]
    types = token_types(vlm.architecture.token_types, ids, mask, lengths, vlm.image_token_id)
    return {"input_ids": ids, "attention_mask": mask, "pixel_values": pixels, **types}
