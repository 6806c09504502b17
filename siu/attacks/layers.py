"""Hidden states of every layer from one forward pass."""

from collections.abc import Sequence

import torch
from torch import Tensor

from siu.models import EncodedTurn, VisionLanguageModel
from siu.models.engine.forward import at_answers, layer_states, model_inputs, pad


@torch.no_grad()
def states_by_layer(vlm: VisionLanguageModel, turns: Sequence[EncodedTurn]) -> list[Tensor]:
    """Return for each layer, from the first, the (N, D) states that predict the answer tokens, row after row.

    The last ones are after the last norm, the others are not.

    Args:
        vlm: The model.
        turns: The rows of one batch, with answers.
    """
    rows = [(*turn.prompt_ids, *turn.answer_ids) for turn in turns]
    ids, mask = pad(rows, side="right", device=vlm.device)
    inputs = model_inputs(vlm, turns, ids, mask, answered=True)
    output = vlm.model.model(**inputs, use_cache=False, output_hidden_states=True)
    return [at_answers(layer_states(output, layer), turns) for layer in range(1, vlm.layer_count + 1)]
