"""One teacher-forced pass for every likelihood attack.

Shapes: N answer positions of a batch, V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from siu.models import EncodedTurn, VisionLanguageModel
from siu.models.engine.batching import forwards
from siu.models.engine.reply import answer_labels


@dataclass(frozen=True)
class Likelihood:
    """How likely an answer about a picture is, token by token.

    Attributes:
        picture: The picture.
        answer: The answer.
        log_probs: Log-probability of each of its tokens.
        means: Mean log-probability of the next token, under the model's own next-token distribution.
        deviations: The standard deviation of the same.
    """

    picture: Path
    answer: str
    log_probs: tuple[float, ...]
    means: tuple[float, ...]
    deviations: tuple[float, ...]


@torch.no_grad()
def likelihoods(
    vlm: VisionLanguageModel, turns: Sequence[EncodedTurn], answers: Sequence[str], *, batch_size: int
) -> list[Likelihood]:
    """Return the likelihood of every turn's answer; every turn has a picture.

    Args:
        vlm: The model.
        turns: Questions with answers.
        answers: The answers as text.
        batch_size: Rows per forward pass.
    """
    by_index: dict[int, Likelihood] = {}
    for forward, batches in forwards(vlm, turns, batch_size):
        for indices in batches:
            rows = [turns[index] for index in indices]
            table = token_statistics(vlm.logits(forward.answer_states(rows)), answer_labels(rows, vlm.device))
            for index, part in zip(
                indices, table.split([len(turn.answer_ids) for turn in rows]), strict=True
            ):
                picture = turns[index].picture
                assert picture is not None
                columns = (tuple(column) for column in part.T.tolist())
                by_index[index] = Likelihood(picture, answers[index], *columns)
    return [by_index[index] for index in range(len(turns))]


def token_statistics(logits: Tensor, labels: Tensor) -> Tensor:
    """Return (N, 3): log-probability of each label, and mean and deviation of log p under p.

    Args:
        logits: (N, V).
        labels: (N,) token ids.
    """
    log_probs = torch.log_softmax(logits.double(), dim=-1)
    probs = log_probs.exp()
    means = (probs * log_probs).sum(-1)
    variances = (probs * (log_probs - means[:, None]).square()).sum(-1)
    picked = log_probs.gather(1, labels[:, None])[:, 0]
    return torch.stack([picked, means, variances.sqrt()], dim=1)
