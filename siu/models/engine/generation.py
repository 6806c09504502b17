"""Greedy answers, and how likely the given ones are."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from siu.models.engine.batching import forwards
from siu.models.engine.replicas import Lane, Lanes
from siu.models.turns import EncodedTurn
from siu.models.vision_language_model import VisionLanguageModel


@dataclass(frozen=True)
class Answer:
    """What a model state says to one turn.

    Attributes:
        text: The greedy answer.
        log_probs: Teacher-forced log-probability of each token of the turn's own answer; empty without one.
    """

    text: str
    log_probs: list[float]


@torch.no_grad()
def answer(
    vlm: VisionLanguageModel,
    turns: Sequence[EncodedTurn],
    *,
    max_new_tokens: int,
    batch_size: int,
    on_done: Callable[[int], None] = lambda count: None,
) -> list[Answer]:
    """Return one answer per turn, in the order of the turns.

    A turn's own answer is scored and serves as a draft of the greedy one; it does not change it.

    Args:
        vlm: The model in the state to be asked.
        turns: Encoded turns with or without answers.
        max_new_tokens: Longest answer.
        batch_size: Rows per batch.
        on_done: Called with the number of turns answered by each batch.
    """
    passes = 1 if any(turn.answer_ids for turn in turns) else max_new_tokens
    telling = threading.Lock()

    def replies(lane: Lane, rows: list[int]) -> Iterator[tuple[int, Answer]]:
        own_turns = [turns[row] for row in rows]
        for forward, batches in forwards(lane.vlm, own_turns, batch_size, passes=passes):
            for batch in batches:
                batch_replies = forward.replies([own_turns[at] for at in batch], max_new_tokens)
                with telling:
                    on_done(len(batch))
                for at, reply in zip(batch, batch_replies, strict=True):
                    text = vlm.tokenizer.decode(reply.ids, skip_special_tokens=True)
                    yield rows[at], Answer(str(text).strip(), reply.log_probs)

    answers = dict(Lanes(vlm).run(replies, turns))
    return [answers[index] for index in range(len(turns))]


def generate(
    vlm: VisionLanguageModel,
    turns: Sequence[EncodedTurn],
    *,
    max_new_tokens: int,
    batch_size: int,
    on_done: Callable[[int], None] = lambda count: None,
) -> list[str]:
    """Return the text of one greedy answer per turn, in the order of the turns (`answer`)."""
    answers = answer(vlm, turns, max_new_tokens=max_new_tokens, batch_size=batch_size, on_done=on_done)
    return [reply.text for reply in answers]
