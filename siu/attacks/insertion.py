"""Embeddings put between a prompt's tokens, as an attacker in white box can.

Shapes: B rows of L tokens, K inserted embeddings of size D, N answer tokens of each row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from siu.attacks.scene import Scene
from siu.models import EncodedTurn, Turn
from siu.models.engine.forward import model_inputs
from siu.models.engine.prefix import prefix_length
from siu.models.engine.reply import answer_labels


@dataclass(frozen=True)
class Insertion:
    """Where something is inserted into prompts of equal length.

    Attributes:
        scene: The model, and how long its answers may get.
        at: How many of the prompt's tokens stand before it.
    """

    scene: Scene
    at: int

    @classmethod
    def after_picture(cls, scene: Scene, turn: EncodedTurn) -> "Insertion":
        """Insert between the picture and the text."""
        return cls(scene, prefix_length(scene.vlm, turn))

    @classmethod
    def after_question(cls, scene: Scene, turn: EncodedTurn) -> "Insertion":
        """Insert between the question and what the chat template closes the prompt with."""
        return cls(scene, len(turn.prompt_ids) - _closing(scene, turn))

    def losses(self, turns: Sequence[EncodedTurn], inserted: Tensor) -> Tensor:
        """Return each row's mean cross-entropy of its answer, (B,).

        Args:
            turns: Rows with prompts and answers of equal length.
            inserted: (K, D) for all rows, or (B, K, D).
        """
        vlm = self.scene.vlm
        inputs = self._inputs(turns, inserted, answered=True)
        states = vlm.model.model(**inputs, use_cache=False).last_hidden_state
        length = len(turns[0].answer_ids)
        logits = vlm.logits(states[:, -length - 1 : -1].flatten(0, 1))
        labels = answer_labels(turns, vlm.device)
        return F.cross_entropy(logits.float(), labels, reduction="none").view(len(turns), -1).mean(1)

    @torch.no_grad()
    def answers(self, turns: Sequence[EncodedTurn], inserted: Tensor) -> list[str]:
        """Return the greedy answers to rows of equal length."""
        vlm = self.scene.vlm
        output = vlm.model.generate(
            **self._inputs(turns, inserted, answered=False),
            max_new_tokens=self.scene.max_new_tokens,
            do_sample=False,
            num_beams=1,
        )
        return [str(vlm.tokenizer.decode(row, skip_special_tokens=True)) for row in output.tolist()]

    def _inputs(self, turns: Sequence[EncodedTurn], inserted: Tensor, *, answered: bool) -> dict[str, Tensor]:
        rows = [(*turn.prompt_ids, *(turn.answer_ids if answered else ())) for turn in turns]
        ids = torch.tensor(rows, device=self.scene.vlm.device)
        inputs = model_inputs(self.scene.vlm, turns, ids, torch.ones_like(ids), answered=answered)
        embeddings = inputs["inputs_embeds"]
        parts = [embeddings[:, : self.at], inserted.expand(len(rows), -1, -1), embeddings[:, self.at :]]
        joined = torch.cat(parts, dim=1)
        return {
            "inputs_embeds": joined,
            "attention_mask": joined.new_ones(joined.shape[:2], dtype=torch.long),
        }


def _closing(scene: Scene, turn: EncodedTurn) -> int:
    """Return how many tokens stand after the question: those that prompts of two questions end with."""
    first, second = (
        scene.encoder.encode(Turn(question, "", turn.picture)).prompt_ids[::-1] for question in ("a", "7")
    )
    return next(
        (count for count, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), 0
    )
