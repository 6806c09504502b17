"""Random answer positions of a step: four samples of different lengths, two to forget, two retained."""

import math
from dataclasses import fields, replace

import torch

from siu.objectives.positions import AnswerPositions, StepTotals

NOT_BY_POSITION = ("vocabulary_mask",)


def answer_positions(seed=0, lengths=(3, 1, 2, 4), vocabulary=9, size=5) -> AnswerPositions:
    """Return a step's positions in float64; the first half of the samples is to be forgotten."""
    generator = torch.Generator().manual_seed(seed)
    count = sum(lengths)
    draw = {"generator": generator, "dtype": torch.float64}
    sample = torch.tensor([row for row, length in enumerate(lengths) for _ in range(length)])
    return AnswerPositions(
        labels=torch.randint(vocabulary, (count,), generator=generator),
        weights=1 + 5 * torch.rand(count, **draw),
        sample=sample,
        forget=sample < len(lengths) // 2,
        rejected=sample == 0,
        token_mask=(torch.rand(count, generator=generator) > 0.3).double(),
        vocabulary_mask=torch.ones(vocabulary, dtype=torch.float64).index_fill_(0, torch.tensor([2, 5]), 0),
        logits=torch.randn(count, vocabulary, **draw),
        reference_log_probs=torch.randn(count, vocabulary, **draw).log_softmax(-1),
        hidden=torch.randn(count, size, **draw),
        reference_hidden=torch.randn(count, size, **draw),
    )


def rows(whole: AnswerPositions, at) -> AnswerPositions:
    """Return some of the positions, in the order asked for."""
    picked = [field.name for field in fields(whole) if field.name not in NOT_BY_POSITION]
    return replace(whole, **{name: getattr(whole, name)[at] for name in picked})


def totals(whole: AnswerPositions) -> StepTotals:
    return StepTotals.of(whole.weights, whole.token_mask, whole.forget, whole.rejected, whole.sample)


def log_p(positions: AnswerPositions) -> list[list[float]]:
    """Return the model's log-probabilities, by `math` alone."""
    table = []
    for row in positions.logits.tolist():
        partition = math.log(sum(math.exp(value) for value in row))
        table.append([value - partition for value in row])
    return table


def slow_cross_entropy(positions: AnswerPositions, *, forget: bool | None = None) -> float:
    """Return the weighted mean over all positions, or over the forget or retained ones."""
    above = below = 0.0
    for t, row in enumerate(log_p(positions)):
        if forget is None or positions.forget[t].item() is forget:
            above -= positions.weights[t].item() * row[positions.labels[t].item()]
            below += positions.weights[t].item()
    return above / below


def slow_answers(positions: AnswerPositions, table: list[list[float]]) -> dict[int, list[float]]:
    """Return the log-probabilities of each forget answer's tokens, by sample."""
    answers: dict[int, list[float]] = {}
    for t, row in enumerate(table):
        if positions.forget[t]:
            answers.setdefault(positions.sample[t].item(), []).append(row[positions.labels[t].item()])
    return answers
