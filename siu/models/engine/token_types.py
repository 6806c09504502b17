"""Token types, where an architecture wants them beside the token ids.

Shapes: B rows, L padded length.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from siu.models.architectures import TokenTypes


def token_types(
    kind: TokenTypes, ids: Tensor, mask: Tensor, answer_lengths: Sequence[int], image_token_id: int
) -> dict[str, Tensor]:
    """Return the model's token type input by name; empty where it wants none.

    ``modality`` (Qwen: positions in three dimensions) and ``image`` (Gemma3: attention both ways within a
    picture) tell image tokens from text, ``suffix`` (PaliGemma: attention both ways within the prompt) tells
    the answer from the prompt.

    Args:
        kind: What the architecture wants.
        ids: (B, L) token ids, padded on either side.
        mask: (B, L) attention mask.
        answer_lengths: Number of answer tokens at the end of each row; 0 where an answer is to be generated.
        image_token_id: Id of the token that stands for one image feature.
    """
    if kind == "none":
        return {}
    if kind == "suffix":
        return {"token_type_ids": _suffix(mask, answer_lengths)}
    name = "mm_token_type_ids" if kind == "modality" else "token_type_ids"
    return {name: (ids == image_token_id).long() * mask}


def _suffix(mask: Tensor, lengths: Sequence[int]) -> Tensor:
    ends = mask.shape[1] - mask.flip(1).argmax(1)  # after each row's last token
    places = torch.arange(mask.shape[1], device=mask.device)
    starts = ends - torch.tensor(lengths, device=mask.device)
    return (places >= starts[:, None]).long()
