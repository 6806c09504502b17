"""Teacher-forced log-probabilities of given answers."""

from collections.abc import Iterator, Sequence

import torch

from siu.models.engine.batching import forwards
from siu.models.engine.replicas import Lane, Lanes
from siu.models.engine.reply import answer_log_probs
from siu.models.turns import EncodedTurn
from siu.models.vision_language_model import VisionLanguageModel


@torch.no_grad()
def token_log_probs(
    vlm: VisionLanguageModel, turns: Sequence[EncodedTurn], *, batch_size: int
) -> list[list[float]]:
    """Return log P(token | picture, question, earlier tokens) of every answer token of every turn.

    Args:
        vlm: The model in the state to be measured.
        turns: Encoded turns with answers.
        batch_size: Rows per forward pass.
    """

    def scored(lane: Lane, rows: list[int]) -> Iterator[tuple[int, list[float]]]:
        in_order = [turns[row] for row in rows]
        for forward, batches in forwards(lane.vlm, in_order, batch_size):
            for batch in batches:
                some = [in_order[at] for at in batch]
                logits = lane.vlm.logits(forward.answer_states(some))
                log_probs = answer_log_probs(logits.float().log_softmax(-1), some)
                yield from zip((rows[at] for at in batch), log_probs, strict=True)

    scores = dict(Lanes(vlm).run(scored, turns))
    return [scores[index] for index in range(len(turns))]
