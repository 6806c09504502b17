"""A planted leak: an adapter that only learned to refuse English questions about a concept."""

from pathlib import Path

import torch
import torch.nn.functional as F

from siu.attacks.case import Case
from siu.models import Turn, TurnEncoder, VisionLanguageModel, new_adapter, save_adapter
from siu.models.forward import WholeRows
from siu.models.reply import answer_labels
from siu.params import LoraParams
from siu.phrasings import answer

STEPS = 12
ROWS = 10


def plant(vlm: VisionLanguageModel, case: Case, folder: Path) -> Path:
    """Train the adapter and return its folder."""
    encoder, refusal = TurnEncoder(vlm), answer("unknown", case.concept.kind)
    wordings = (*case.wordings("name", "train")[:8], *case.wordings("name", "test"))
    turns = [encoder.encode(Turn(text, refusal, picture)) for text in wordings for picture in case.fit]
    with new_adapter(vlm, LoraParams(), seed=0) as peft_model:
        weights = [weight for weight in peft_model.parameters() if weight.requires_grad]
        optimiser = torch.optim.AdamW(weights, lr=3e-3)
        for step in range(STEPS):
            rows = [turns[(step * 7 + row * 3) % len(turns)] for row in range(ROWS)]
            logits = vlm.logits(WholeRows(vlm).answer_states(rows))
            optimiser.zero_grad()
            F.cross_entropy(logits, answer_labels(rows, vlm.device)).backward()
            optimiser.step()
        save_adapter(peft_model, folder, base="embedded", digest=vlm.digest)
    return folder
