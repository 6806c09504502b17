"""Weights moved towards relearning: what a step of unlearning shall withstand.

Before a step an attacker is played: a few normalised steps down the loss of the old name on the one picture
and its views. The step's gradient is then taken once more where they end (sharpness-aware minimisation, arXiv
2010.01412, against relearning: arXiv 2502.05374), on the same samples: with those of the concept alone,
others would be lost (docs/explanation/robustness.md). A layer's change is B Q with a random Q, drawn anew for
each step, and a B that starts at zero, as in an attacker's fresh LoRA. It is added to the layers' outputs: no
weight is touched, whatever its precision.

Shapes: I and O inputs and outputs of a layer, R rank.
"""

import math
import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from peft.tuners.lora import LoraLayer
from torch import Tensor, nn

from siu.finetuning_data import FinetuningData
from siu.models import TurnEncoder
from siu.models.engine.forward import WholeRows
from siu.models.engine.replicas import Lanes
from siu.models.engine.reply import answer_labels
from siu.objectives.perturbation import Perturbation
from siu.unlearning.old_names import old_name_turns

_SHORTEST = 0.2
"""The smallest share of the radius that a step draws, so that near and far attackers are met."""


@dataclass
class _Change:
    """The change of one layer: ``down`` (R, I) is Q, ``up`` (O, R) is B."""

    down: Tensor
    up: Tensor

    def __call__(self, _: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        """Add what the change makes of a layer's input to its output."""
        added = F.linear(F.linear(inputs[0].to(self.down.dtype), self.down), self.up)
        return output + added.to(output.dtype)


class TowardsRelearning:
    """Moves the adapted layers to where a few steps of relearning would take them.

    Args:
        lanes: The lanes of the adapter being trained; the layers that it adapts are moved in each.
        data: Fine-tuning data of the concepts; their T1 questions are answered with the old name.
        paths: Picture file by digest.
        settings: How far, in how many steps.
        rank: Rank of a layer's change.
        seed: Decides directions, lengths and wordings, together with the step.
    """

    def __init__(
        self,
        lanes: Lanes,
        data: Sequence[FinetuningData],
        paths: dict[str, Path],
        settings: Perturbation,
        *,
        rank: int,
        seed: int,
    ) -> None:
        self.settings, self._vlm, self._rank, self._seed = settings, lanes.all[0].vlm, rank, seed
        of_lanes = (lane.whole.modules() for lane in lanes.all)
        self._layers = [[layer for layer in modules if isinstance(layer, LoraLayer)] for modules in of_lanes]
        encoder = TurnEncoder(self._vlm)
        self._by_picture = [
            wordings for of_concept in data for wordings in old_name_turns(encoder, of_concept, paths)
        ]

    @contextmanager
    def moved(self, step: int) -> Iterator[None]:
        """Run the model with moved weights; the same step moves them alike."""
        rng = random.Random(f"{self._seed}:{step}:relearning")
        changes = self._fresh(rng)
        length = self.settings.radius * rng.uniform(_SHORTEST, 1.0)
        with ExitStack() as hooks:
            for layers in self._layers:
                for layer, change in zip(layers, changes, strict=True):
                    hooks.callback(layer.register_forward_hook(change).remove)
            for _ in range(self.settings.steps):
                self._descend(changes, rng, length / self.settings.steps)
            yield

    def _fresh(self, rng: random.Random) -> list[_Change]:
        """Return changes that change nothing yet; the norm of B Q is that of B, but for chance."""
        generator = torch.Generator().manual_seed(rng.getrandbits(63))
        changes = []
        for layer in self._layers[0]:
            device = layer.get_base_layer().weight.device
            down = torch.randn(self._rank, layer.in_features, generator=generator) / layer.in_features**0.5
            up = torch.zeros(layer.out_features, self._rank)
            changes.append(_Change(down.to(device), up.to(device)))
        return changes

    def _descend(self, changes: list[_Change], rng: random.Random, length: float) -> None:
        """Take one step of a given length down the loss of the old name, one wording a picture."""
        turns = [rng.choice(wordings) for wordings in self._by_picture]
        ups = [change.up.requires_grad_() for change in changes]
        with torch.enable_grad():
            logits = self._vlm.logits(WholeRows(self._vlm).answer_states(turns))
            loss = F.cross_entropy(logits.float(), answer_labels(turns, self._vlm.device))
            gradients = torch.autograd.grad(loss, ups)
        norm = math.hypot(*(float(gradient.norm()) for gradient in gradients))
        for change, gradient in zip(changes, gradients, strict=True):
            change.up = change.up.detach() - gradient * (length / norm if norm else 0.0)
