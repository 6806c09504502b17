"""Teacher-forced log-probabilities of given answers."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from siu.models.forward import answer_labels, answer_logits
from siu.models.generation import batches
from siu.models.turns import EncodedTurn
from siu.models.vision_language_model import VisionLanguageModel


@torch.no_grad()
def token_log_probs(
    vlm: VisionLanguageModel,
    turns: Sequence[EncodedTurn],
    *,
    batch_size: int,
    on_done: Callable[[int], None] = lambda count: None,
) -> list[list[float]]:
    """Return log P(token | picture, question, earlier tokens) of every answer token of every turn.

    Args:
        vlm: The model in the state to be measured.
        turns: Encoded turns with answers.
        batch_size: Rows per forward pass.
        on_done: Called with the number of turns scored by each batch.
    """
    scores: list[list[float]] = [[] for _ in turns]
    for indices in batches(turns, batch_size):
        rows = [turns[index] for index in indices]
        log_probs = torch.log_softmax(answer_logits(vlm, rows).float(), dim=-1)
        picked = log_probs.gather(1, answer_labels(rows, vlm.device)[:, None])[:, 0]
        for index, row in zip(indices, _split(picked, rows), strict=True):
            scores[index] = row.tolist()
        on_done(len(indices))
    return scores


def _split(values: Tensor, turns: Sequence[EncodedTurn]) -> tuple[Tensor, ...]:
    parts: tuple[Tensor, ...] = values.split([len(turn.answer_ids) for turn in turns])
    return parts
