"""Loss and gradient of some turns, by any way of running them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from peft import PeftModel
from torch import Tensor

from siu.config.params import LoraParams
from siu.models import EncodedTurn, VisionLanguageModel, new_adapter
from siu.models.engine.batching import forwards
from siu.models.engine.lower_states import LowerStates
from siu.models.engine.reply import answer_labels


@contextmanager
def moved_adapter(vlm: VisionLanguageModel, **changes: object) -> Iterator[PeftModel]:
    """Attach a LoRA adapter that is not the identity."""
    lora = LoraParams(rank=4, alpha=8).model_copy(update=changes)
    with new_adapter(vlm, lora, seed=0) as peft_model:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            for name, parameter in peft_model.named_parameters():
                if "lora_B" in name:
                    torch.nn.init.normal_(parameter, std=0.05)
        yield peft_model


def gradient_of(
    peft_model: PeftModel,
    vlm: VisionLanguageModel,
    turns: Sequence[EncodedTurn],
    size: int,
    lower: LowerStates | None = None,
) -> tuple[float, list[Tensor]]:
    """Return the loss over all turns and its gradient in every LoRA matrix."""
    trained = [one for one in peft_model.parameters() if one.requires_grad]
    total = 0.0
    for forward, batches in forwards(vlm, turns, size, lower=lower):
        for indices in batches:
            rows = [turns[index] for index in indices]
            labels = answer_labels(rows, vlm.device)
            loss = torch.nn.functional.cross_entropy(
                vlm.logits(forward.answer_states(rows)), labels, reduction="sum"
            )
            loss.backward()
            total += loss.item()
        forward.backward()
    gradients = [one.grad.clone() for one in trained if one.grad is not None]
    for one in trained:
        one.grad = None
    return total, gradients


def relative_error(ours: Sequence[Tensor], theirs: Sequence[Tensor]) -> float:
    """Return the norm of the difference over the norm of theirs."""
    one, other = (torch.cat([part.flatten() for part in parts]) for parts in (ours, theirs))
    return float((one - other).norm() / other.norm())
