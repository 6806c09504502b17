"""Soft prompt: embeddings before the question, optimised until the name comes out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from siu.attacks.attack import Attack, Family
from siu.attacks.insertion import Insertion
from siu.attacks.named_rate import named_rate
from siu.attacks.observation import UNMEASURED, Observation
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count, Positive
from siu.language.identity import named
from siu.models import EncodedTurn, Turn

WORDINGS = 6
"""Wordings that the embeddings are made for: one alone is learned without the others."""


class SoftPrompt(Attack):
    """Soft prompts in embedding space (Schwinn et al. 2024), in white box.

    Fitted on some pictures and `train` wordings in turn, tested on others. Enough embeddings make any picture
    any name: what counts is what strangers don't give.
    """

    title: ClassVar[str] = "Soft prompt"
    family: ClassVar[Family] = "inside"
    score: ClassVar[str] = "other pictures named after the optimised embeddings"
    because: ClassVar[str] = "enough embeddings make any picture any name that the model keeps as text"
    budgets: ClassVar[Mapping[Profile, Mapping[str, Any]]] = {
        "standard": {},
        "thorough": {"embeddings": 8, "steps": 60, "pictures": 14},
    }

    embeddings: Count = 2
    """Optimised embeddings, between picture and question."""
    steps: Count = 20
    """Steps of Adam."""
    lr: Positive = 3e-2
    """Learning rate of Adam."""
    fitted: Count = 4
    """Pictures that the embeddings are made on."""
    pictures: Count = 8
    """Test pictures per case."""

    def run(self, scene: Scene) -> Observation:
        """Attack the concept and the strangers; a retained concept is named without it."""
        if not scene.vlm.features.supported:
            return Observation(tuple(UNMEASURED for _ in scene.cases))
        by_case = [
            [] if case.role == "retained" else self._named(scene, index)
            for index, case in enumerate(scene.cases)
        ]
        outcomes = tuple(
            named_rate(scene.plain(index, self.pictures), named) if named else UNMEASURED
            for index, named in enumerate(by_case)
        )
        return Observation(outcomes)

    def _named(self, scene: Scene, index: int) -> list[bool]:
        case = scene.cases[index]
        fit, test = case.fit[: self.fitted], case.test[: self.pictures]
        if not fit or not test:
            return []
        lots = [_turns(scene, text, fit, case.named) for text in case.wordings("name", "train")[:WORDINGS]]
        soft = self._fitted_prompt(scene, lots)
        turns = _turns(scene, case.wordings("name", "test")[0], test, "")
        answers = Insertion.after_picture(scene, turns[0]).answers(turns, soft)
        return [named(text, case.names) for text in answers]

    def _fitted_prompt(self, scene: Scene, lots: Sequence[Sequence[EncodedTurn]]) -> Tensor:
        """Return (embeddings, D) under which the turns' answers are likely; a step takes the next lot."""
        generator = torch.Generator().manual_seed(scene.seed)
        table = scene.vlm.model.get_input_embeddings().weight
        drawn = torch.randint(len(table), (self.embeddings,), generator=generator).to(table.device)
        soft: Tensor = table[drawn].detach().clone().requires_grad_()
        optimiser = torch.optim.Adam([soft], lr=self.lr)
        with torch.enable_grad():
            for step in range(self.steps):
                turns = lots[step % len(lots)]
                loss = Insertion.after_picture(scene, turns[0]).losses(turns, soft).mean()
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        return soft.detach()


def _turns(scene: Scene, question: str, pictures: Sequence[Path], answer: str) -> list[EncodedTurn]:
    return [scene.encoder.encode(Turn(question, answer, picture)) for picture in pictures]
