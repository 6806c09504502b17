"""What a model state says to one turn, and how likely it finds given answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from siu.models.turns import EncodedTurn


@dataclass(frozen=True)
class Reply:
    """The greedy answer, and how likely the turn's own answer was.

    Attributes:
        ids: The greedy answer's token ids.
        log_probs: Teacher-forced log-probability of each token of the turn's own answer; empty without one.
    """

    ids: list[int]
    log_probs: list[float]


def answer_labels(turns: Sequence[EncodedTurn], device: torch.device) -> Tensor:
    """Return the (N,) answer token ids of all turns in order."""
    return torch.tensor([token for turn in turns for token in turn.answer_ids], device=device)


def answer_log_probs(log_probs: Tensor, turns: Sequence[EncodedTurn]) -> list[list[float]]:
    """Return log P(token) of every answer token of every turn, given (N, V) at their positions."""
    labels = answer_labels(turns, log_probs.device)
    picked = log_probs.gather(1, labels[:, None])[:, 0]
    return [row.tolist() for row in picked.split([len(turn.answer_ids) for turn in turns])]
