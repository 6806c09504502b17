"""Soft prompt: embeddings before the question, optimised until the name comes out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from siu.attacks.attack import Attack, Family
from siu.attacks.named_rate import named_rate
from siu.attacks.observation import UNMEASURED, Observation
from siu.attacks.scene import Scene
from siu.config.profiles import Profile
from siu.config.section import Count, Positive
from siu.language.identity import named
from siu.models import EncodedTurn, Turn
from siu.models.engine.forward import model_inputs
from siu.models.engine.prefix import prefix_length
from siu.models.engine.reply import answer_labels

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
        return [named(text, case.names) for text in _answers(scene, turns, soft)]

    def _fitted_prompt(self, scene: Scene, lots: Sequence[Sequence[EncodedTurn]]) -> Tensor:
        """Return (embeddings, D) under which the turns' answers are likely; a step takes the next lot."""
        generator = torch.Generator().manual_seed(scene.seed)
        table = scene.vlm.model.get_input_embeddings().weight
        drawn = torch.randint(len(table), (self.embeddings,), generator=generator).to(table.device)
        soft: Tensor = table[drawn].detach().clone().requires_grad_()
        optimiser = torch.optim.Adam([soft], lr=self.lr)
        labels = answer_labels(lots[0], scene.vlm.device)
        length = len(lots[0][0].answer_ids)
        with torch.enable_grad():
            for step in range(self.steps):
                turns = lots[step % len(lots)]
                inputs = _with_prompt(scene, turns, soft, answered=True)
                states = scene.vlm.model.model(**inputs, use_cache=False).last_hidden_state
                logits = scene.vlm.logits(states[:, -length - 1 : -1].flatten(0, 1))
                loss = F.cross_entropy(logits.float(), labels)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        return soft.detach()


def _turns(scene: Scene, question: str, pictures: Sequence[Path], answer: str) -> list[EncodedTurn]:
    return [scene.encoder.encode(Turn(question, answer, picture)) for picture in pictures]


@torch.no_grad()
def _answers(scene: Scene, turns: Sequence[EncodedTurn], soft: Tensor) -> list[str]:
    inputs = _with_prompt(scene, turns, soft, answered=False)
    output = scene.vlm.model.generate(
        **inputs, max_new_tokens=scene.max_new_tokens, do_sample=False, num_beams=1
    )
    return [str(scene.vlm.tokenizer.decode(row, skip_special_tokens=True)) for row in output.tolist()]


def _with_prompt(
    scene: Scene, turns: Sequence[EncodedTurn], soft: Tensor, *, answered: bool
) -> dict[str, Tensor]:
    """Return the inputs of rows of equal length with the soft prompt after the picture."""
    rows = [(*turn.prompt_ids, *(turn.answer_ids if answered else ())) for turn in turns]
    ids = torch.tensor(rows, device=scene.vlm.device)
    inputs = model_inputs(scene.vlm, turns, ids, torch.ones_like(ids), answered=answered)
    embeddings = inputs["inputs_embeds"]
    at = prefix_length(scene.vlm, turns[0])
    parts = [embeddings[:, :at], soft.expand(len(rows), -1, -1), embeddings[:, at:]]
    joined = torch.cat(parts, dim=1)
    return {"inputs_embeds": joined, "attention_mask": joined.new_ones(joined.shape[:2], dtype=torch.long)}
