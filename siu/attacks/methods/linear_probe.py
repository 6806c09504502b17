"""Linear probe: can a line through hidden states tell the concept?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from siu.attacks.attack import Attack, Family
from siu.attacks.layers import states_by_layer
from siu.attacks.observation import UNMEASURED, Control, Curve, Gives, Observation, Outcome
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count, Positive
from siu.models import Turn

CHANCE = 0.5
FOLDS = 3
"""Parts of the fitted pictures that are left out in turn."""


@dataclass(frozen=True)
class Layer:
    """What the probe of one layer tells.

    Attributes:
        accuracy: On test pictures.
        random: The same when it was fitted to random labels.
        left_out: On fitted pictures, each by a probe that was fitted without it.
        likelihood: Mean log-likelihood of their labels, which tells layers of equal accuracy apart.
    """

    accuracy: float
    random: float
    left_out: float
    likelihood: float


class LinearProbe(Attack):
    """A linear probe on hidden states (Lynch et al. 2024), against random labels and the gold model.

    It is fitted on some pictures of the concept and of strangers and measured on others. Which layer is read
    is chosen on the fitted pictures alone, by cross-validation. What a concept looks like is seen by a model
    that never knew it too: without the gold model the score raises no alarm.
    """

    title: ClassVar[str] = "Linear probe"
    family: ClassVar[Family] = "inside"
    gives: ClassVar[Gives] = "trace"
    needs_gold: ClassVar[bool] = True
    controls: ClassVar[tuple[Control, ...]] = ("gold",)
    because: ClassVar[str] = "what a concept looks like is seen by any model"
    score: ClassVar[str] = (
        "other pictures told from strangers' by the layer chosen on the fitted ones; plain is 0.5"
    )
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {"standard": {}, "thorough": {"steps": 300}}

    steps: Count = 100
    """Steps of gradient descent for each layer."""
    decay: Positive = 1e-2
    """Weight of the probe's squared norm."""

    def run(self, scene: Scene) -> Observation:
        """Probe the concept and the retained concepts in every layer."""
        by_case = [
            [] if case.role == "strangers" else self._layers(scene, index)
            for index, case in enumerate(scene.cases)
        ]
        chosen = [_chosen(layers) if layers else None for layers in by_case]
        outcomes = tuple(
            UNMEASURED if at is None else Outcome(CHANCE, layers[at].accuracy)
            for at, layers in zip(chosen, by_case, strict=True)
        )
        if chosen[0] is None:
            return Observation(outcomes)
        lines = {
            "concept": [layer.accuracy for layer in by_case[0]],
            "random labels": [layer.random for layer in by_case[0]],
            "fitted pictures, left out in turn": [layer.left_out for layer in by_case[0]],
        }
        curves = tuple(
            Curve(name, "layer", tuple((float(number), rate) for number, rate in enumerate(rates, 1)))
            for name, rates in lines.items()
        )
        details = {"layer": float(chosen[0] + 1), "random_labels": by_case[0][chosen[0]].random}
        return Observation(outcomes, curves, details)

    def _layers(self, scene: Scene, index: int) -> list[Layer]:
        """Return what the probe of each layer tells."""
        case = scene.cases[index]
        fit, test = (case.fit, scene.reference), (case.test, scene.strangers)
        if not all((*fit, *test)):
            return []
        labels = _labels(fit)
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(scene.seed))
        trained, test_question = case.wordings("name", "train"), case.wordings("name", "test")[0]
        probed = []
        layers = zip(
            _states(scene, index, trained[0], (*fit[0], *fit[1])),
            _states(scene, index, trained[-1], (*fit[0], *fit[1])),
            _states(scene, index, test_question, (*test[0], *test[1])),
            strict=True,
        )
        for known, reworded, new in layers:
            accuracy, random = (
                _balanced_accuracy(self._scored(known, truth, new), _labels(test))
                for truth in (labels, labels[order])
            )
            left_out, likelihood = self._left_out(known, reworded, labels)
            probed.append(Layer(accuracy, random, left_out, likelihood))
        return probed

    def _left_out(self, known: Tensor, reworded: Tensor, labels: Tensor) -> tuple[float, float]:
        """Return balanced accuracy and mean log-likelihood on fitted pictures, each left out once.

        Those left out are asked in another wording, as test pictures are: some layers hold the wording more
        than the picture.
        """
        folds = torch.zeros(len(labels), dtype=torch.long)
        for side in (labels > 0, labels == 0):
            folds[side] = torch.arange(int(side.sum())) % FOLDS
        scores = torch.zeros(len(labels))
        for fold in range(FOLDS):
            out = folds == fold
            if out.any():
                scores[out] = self._scored(known[~out], labels[~out], reworded[out])
        likelihood = -F.binary_cross_entropy_with_logits(scores, labels)
        return _balanced_accuracy(scores, labels), float(likelihood)

    def _scored(self, known: Tensor, labels: Tensor, new: Tensor) -> Tensor:
        """Return the scores of new states under the probe that is fitted to known ones."""
        centre, spread = known.mean(0), known.std(0) + 1e-6
        return ((new - centre) / spread) @ self._fitted((known - centre) / spread, labels)

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


def _chosen(layers: Sequence[Layer]) -> int:
    """Return the index of the layer that tells left-out pictures best; no test picture is looked at."""
    return max(range(len(layers)), key=lambda at: (layers[at].left_out, layers[at].likelihood))


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
