"""Fine-tuning as an attacker does it: a fresh LoRA adapter on a few pictures."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F

from siu.attacks.scene import Scene
from siu.config.params import LoraParams
from siu.models import EncodedTurn, Turn, VisionLanguageModel, new_adapter
from siu.models.engine.forward import WholeRows
from siu.models.engine.reply import answer_labels

ROWS = 16
"""Rows per step."""
ATTACKERS = LoraParams(rank=16, alpha=32, layer_share=1.0)
"""What an attacker trains, whatever was unlearned: all layers."""


def lessons_about_others(scene: Scene) -> list[EncodedTurn]:
    """Return questions for the names of retained concepts, with their answers; none without such concepts."""
    return [
        scene.encoder.encode(Turn(question, case.named, picture))
        for case in scene.cases
        if case.role == "retained"
        for picture in case.fit[:4]
        for question in case.wordings("name", "train")[:4]
    ]


def fine_tune(
    vlm: VisionLanguageModel,
    turns: Sequence[EncodedTurn],
    *,
    steps: Sequence[int],
    lr: float,
    seed: int,
    after: Callable[[int], None],
) -> None:
    """Train a fresh adapter on the answers of some turns; it is gone afterwards.

    Args:
        vlm: The model, merged with what was unlearned.
        turns: Questions about pictures, with the answers to be learned; a step takes `ROWS` of them in turn.
        steps: After which steps `after` is called, rising; 0 is before the first one.
        lr: Learning rate of AdamW.
        seed: Decides the adapter's first weights and the order of rows.
        after: Called with the number of steps done, while the adapter is on.
    """
    order = torch.randperm(len(turns), generator=torch.Generator().manual_seed(seed)).tolist()
    with new_adapter(vlm, ATTACKERS, seed=seed) as peft_model:
        optimiser = torch.optim.AdamW(
            [weight for weight in peft_model.parameters() if weight.requires_grad], lr=lr, weight_decay=0.0
        )
        for step in range(max(steps) + 1):
            if step in steps:
                after(step)
            rows = [turns[order[(step * ROWS + row) % len(turns)]] for row in range(min(ROWS, len(turns)))]
            with torch.enable_grad():
                logits = vlm.logits(WholeRows(vlm).answer_states(rows))
                loss = F.cross_entropy(logits.float(), answer_labels(rows, vlm.device))
                optimiser.zero_grad()
                loss.backward()
            optimiser.step()
