"""Logit lens: what the layers would say."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from siu.attacks.attack import Attack, Family
from siu.attacks.layers import states_by_layer
from siu.attacks.named_rate import named_rate
from siu.attacks.observation import Curve, Gives, Observation
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count
from siu.models import Turn
from siu.models.token_spans import specified_tokens


class LogitLens(Attack):
    """The logit lens (Patil et al. 2024): is the name's first token among a layer's likeliest?

    The answer is begun as the model would ("This is"); each layer's hidden state there goes through the last
    norm and the vocabulary head.
    """

    title: ClassVar[str] = "Logit lens"
    family: ClassVar[Family] = "inside"
    gives: ClassVar[Gives] = "trace"
    score: ClassVar[str] = "name within top-k at the layer that shows most"
    because: ClassVar[str] = "a name may be likely before any picture is seen"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {"standard": {}, "thorough": {"pictures": 40}}

    pictures: Count = 12
    """Test pictures per case."""
    top: Count = 1
    """k: how many of the likeliest tokens count; few, where a kind has few names."""

    def run(self, scene: Scene) -> Observation:
        """Look at every layer of every case."""
        by_case = [self._layers(scene, index) for index in range(len(scene.cases))]
        outcomes = tuple(
            named_rate(scene.plain(index, self.pictures), max(layers, key=sum, default=()))
            for index, layers in enumerate(by_case)
        )
        points = tuple(
            (float(number + 1), sum(layer) / len(layer)) for number, layer in enumerate(by_case[0])
        )
        return Observation(outcomes, (Curve("concept", "layer", points),) if points else ())

    @torch.no_grad()
    def _layers(self, scene: Scene, index: int) -> list[list[bool]]:
        """Return by layer whether the name is within the top-k, for each picture."""
        case = scene.cases[index]
        question = case.wordings("name", "test")[0]
        start = case.named.index(case.concept.name)
        span = (start, start + len(case.concept.name))
        turns = [
            scene.encoder.encode(Turn(question, case.named, picture))
            for picture in case.test[: self.pictures]
        ]
        if not turns:
            return []
        first = specified_tokens(turns[0].spans, [span]).index(True)
        length, token = len(turns[0].answer_ids), turns[0].answer_ids[first]
        states = [layer[first::length] for layer in states_by_layer(scene.vlm, turns)]
        normed = [*(_normed(scene, layer) for layer in states[:-1]), states[-1]]  # the last ones already are
        return [self._hits(scene, layer, token) for layer in normed]

    def _hits(self, scene: Scene, states: Tensor, token: int) -> list[bool]:
        best: Tensor = scene.vlm.logits(states).topk(self.top, dim=-1).indices
        return [bool(hit) for hit in (best == token).any(-1).tolist()]


def _normed(scene: Scene, states: Tensor) -> Tensor:
    """Return hidden states after the last norm."""
    normed: Tensor = scene.vlm.model.get_submodule(scene.vlm.architecture.language_model).norm(states)
    return normed
