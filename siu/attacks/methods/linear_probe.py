"""Linear probe: can a line through hidden states tell the concept?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from siu.attacks.attack import Attack, Family
from siu.attacks.layers import states_by_layer
from siu.attacks.observation import UNMEASURED, Curve, Gives, Observation, Outcome
from siu.attacks.profiles import Profile
from siu.attacks.scene import Scene
from siu.models import Turn
from siu.params_section import Count, Positive

CHANCE = 0.5


class LinearProbe(Attack):
    """A linear probe on hidden states (Lynch et al. 2024), against random labels and the gold model.

    It is fitted on some pictures of the concept and of strangers and measured on others. What a concept looks
    like is seen by a model that never knew it too: without the gold model the score raises no alarm.
    """

    title: ClassVar[str] = "Linear probe"
    family: ClassVar[Family] = "inside"
    gives: ClassVar[Gives] = "trace"
    needs_gold: ClassVar[bool] = True
    score: ClassVar[str] = "other pictures told from strangers' by the best layer; plain is 0.5"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {"standard": {}, "thorough": {"steps": 300}}

    steps: Count = 100
    """Steps of gradient descent for each layer."""
    decay: Positive = 1e-2
    """Weight of the probe's squared norm."""

    def run(self, scene: Scene) -> Observation:
        """Probe the concept and the retained concepts in every layer."""
        found = [
            [] if case.role == "strangers" else self._layers(scene, index)
            for index, case in enumerate(scene.cases)
        ]
        outcomes = tuple(
            Outcome(CHANCE, max(own for own, _ in layers)) if layers else UNMEASURED for layers in found
        )
        named = ("concept", "random labels")
        curves = tuple(
            Curve(
                name,
                "layer",
                tuple((float(number + 1), layer[side]) for number, layer in enumerate(found[0])),
            )
            for side, name in enumerate(named)
            if found[0]
        )
        return Observation(outcomes, curves)

    def _layers(self, scene: Scene, index: int) -> list[tuple[float, float]]:
        """Return by layer the accuracy with true labels and with random ones."""
        case = scene.cases[index]
        fit, test = (case.fit, scene.reference), (case.test, scene.strangers)
        if not all((*fit, *test)):
            return []
        labels = _labels(fit)
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(scene.seed))
        fitted, asked = case.wordings("name", "train")[0], case.wordings("name", "test")[0]
        found = []
        layers = zip(
            _states(scene, index, fitted, (*fit[0], *fit[1])),
            _states(scene, index, asked, (*test[0], *test[1])),
            strict=True,
        )
        for known, new in layers:
            centre, spread = known.mean(0), known.std(0) + 1e-6
            known, new = (known - centre) / spread, (new - centre) / spread
            rates = [
                _balanced_accuracy(new @ self._fitted(known, truth), _labels(test))
                for truth in (labels, labels[order])
            ]
            found.append((rates[0], rates[1]))
        return found

    def _fitted(self, states: Tensor, labels: Tensor) -> Tensor:
        """Return the (D,) weights of a logistic regression."""
        weights = torch.zeros(states.shape[1], requires_grad=True)
        optimiser = torch.optim.Adam([weights], lr=0.05)
        with torch.enable_grad():
            for _ in range(self.steps):
                loss = F.binary_cross_entropy_with_logits(states @ weights, labels)
                optimiser.zero_grad()
                (loss + self.decay * weights.square().sum()).backward()
                optimiser.step()
        return weights.detach()


def _states(scene: Scene, index: int, question: str, pictures: Sequence[Path]) -> list[Tensor]:
    """Return by layer (pictures, D) hidden states where the answer to a question begins."""
    case = scene.cases[index]
    turns = [scene.encoder.encode(Turn(question, case.named, picture)) for picture in pictures]
    length = len(turns[0].answer_ids)
    return [states[::length].float().cpu() for states in states_by_layer(scene.vlm, turns)]


def _labels(sides: tuple[Sequence[Path], Sequence[Path]]) -> Tensor:
    return torch.tensor([1.0] * len(sides[0]) + [0.0] * len(sides[1]))


def _balanced_accuracy(scores: Tensor, labels: Tensor) -> float:
    right = (scores > 0) == (labels > 0)
    return float((right[labels > 0].float().mean() + right[labels == 0].float().mean()) / 2)
