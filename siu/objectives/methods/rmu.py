"""Representation misdirection: hidden states of what is forgotten are pushed to one random direction."""

from typing import Annotated, ClassVar

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from siu.config.section import Rate
from siu.objectives.forget_answers import ForgetAnswers
from siu.objectives.objective import Objective, ObjectiveLoss, Positive
from siu.objectives.positions import AnswerPositions, Reading, StepTotals


class Rmu(Objective):
    """Representation Misdirection for Unlearning (WMDP, arXiv 2403.03218).

    mean squared(h - steering * u) over forget positions + retain_weight * mean squared(h - h_ref) over
    retained positions; h is a layer's hidden state at an answer position, u a random unit vector.
    """

    forget_answers: ClassVar[ForgetAnswers] = "original"
    reads: ClassVar[frozenset[Reading]] = frozenset({"hidden"})

    depth: Rate = 7 / 32
    """The layer, as a share of the language model's layers (the paper: 7 of 32), rounded up."""
    steering: Positive = 6.5
    """Length of the vector that forgotten hidden states are pushed to; depends on the model."""
    retain_weight: Positive = 1200.0
    """Weight of the retained positions."""
    direction_seed: Annotated[int, Field(ge=0)] = 0
    """Decides the random direction."""

    @property
    def depth_read(self) -> float:
        """The layer that is read."""
        return self.depth

    def loss(self, positions: AnswerPositions, totals: StepTotals) -> ObjectiveLoss:
        """Return the squared distances of forgotten and retained hidden states from where they shall be."""
        hidden, reference = positions.hidden, positions.reference_hidden
        at, size = positions.forget, hidden.shape[-1]
        target = self.steering * self._direction(hidden)
        forget = (hidden[at] - target).square().sum() / (totals.forget_positions * size)
        retained = (hidden[~at] - reference[~at]).square().sum() / (totals.retained_positions * size)
        return ObjectiveLoss(forget + self.retain_weight * retained, {"forget": forget, "retained": retained})

    def _direction(self, like: Tensor) -> Tensor:
        """Return u: entries drawn uniformly from [0, 1), then scaled to length 1."""
        generator = torch.Generator().manual_seed(self.direction_seed)
        drawn = torch.rand(like.shape[-1], generator=generator, dtype=torch.float64)
        return F.normalize(drawn, dim=0).to(like)
