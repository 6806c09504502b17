"""The plain forward pass: padded whole rows, logits at answer positions only.

Shapes: B rows, L padded length, N answer positions over all rows, D hidden size, V vocabulary.
"""

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import LogitsProcessor, LogitsProcessorList

from siu.models.engine.draws import DrawnTokens
from siu.models.engine.plain_inputs import plain_inputs
from siu.models.engine.reply import Reply, answer_log_probs
from siu.models.turns import EncodedTurn
from siu.models.vision_language_model import VisionLanguageModel


class WholeRows:
    """Every row from its first token on.

    Rows with and without a picture must not be mixed in a batch: text rows would be padded to the image rows'
    length.

    Args:
        vlm: The model, its adapter on or off as the caller wants.
    """

    def __init__(self, vlm: VisionLanguageModel) -> None:
        self._vlm = vlm

    def answer_states(self, turns: Sequence[EncodedTurn], layer: int | None = None) -> Tensor:
        """Return (N, D) hidden states at the positions that predict the answer tokens, row after row.

        Args:
            turns: The rows of one batch.
            layer: After which layer, from 1; None means after the last one and its norm.
        """
        rows = [(*turn.prompt_ids, *turn.answer_ids) for turn in turns]
        ids, mask = pad(rows, side="right", device=self._vlm.device)
        inputs = model_inputs(self._vlm, turns, ids, mask, answered=True)
        output = self._vlm.model.model(**inputs, use_cache=False, output_hidden_states=layer is not None)
        return at_answers(layer_states(output, layer), turns)

    @torch.no_grad()
    def replies(self, turns: Sequence[EncodedTurn], max_new_tokens: int) -> list[Reply]:
        """Return the greedy answer to each turn, by the model's own ``generate``, and its answer's score."""
        answers = self._generated(turns, max_new_tokens)
        if not any(turn.answer_ids for turn in turns):
            return [Reply(ids, []) for ids in answers]
        scores = answer_log_probs(answer_logits(self._vlm, turns).float().log_softmax(-1), turns)
        return [Reply(ids, row) for ids, row in zip(answers, scores, strict=True)]

    @torch.no_grad()
    def samples(self, turns: Sequence[EncodedTurn], uniforms: Tensor, temperature: float) -> list[list[int]]:
        """Return the token ids of a drawn answer to each turn, drawn by (B, T) ``uniforms``."""
        return self._generated(turns, uniforms.shape[1], DrawnTokens(uniforms, temperature))

    def _generated(
        self, turns: Sequence[EncodedTurn], max_new_tokens: int, *processors: LogitsProcessor
    ) -> list[list[int]]:
        prompts, mask = pad([turn.prompt_ids for turn in turns], side="left", device=self._vlm.device)
        inputs = model_inputs(self._vlm, turns, prompts, mask, answered=False)
        output = self._vlm.model.generate(
            **inputs,
            max_new_tokens=max_new_tokens,
            do_sample=False,
            num_beams=1,
            logits_processor=LogitsProcessorList(processors),
        )
        rows: list[list[int]] = output[:, prompts.shape[1] if "input_ids" in inputs else 0 :].tolist()
        return rows

    def backward(self) -> None:
        """Nothing is left to do: every batch has gone the whole way back."""


def answer_logits(vlm: VisionLanguageModel, turns: Sequence[EncodedTurn]) -> Tensor:
    """Return (N, V) logits that predict the answer tokens of one batch of whole rows: the plain path."""
    return vlm.logits(WholeRows(vlm).answer_states(turns))


def layer_states(output: Any, layer: int | None) -> Tensor:
    """Return (B, L, D) hidden states of a model's output: after its last norm, or after one layer."""
    states: Tensor = output.last_hidden_state if layer is None else output.hidden_states[layer]
    return states


def at_answers(hidden: Tensor, turns: Sequence[EncodedTurn]) -> Tensor:
    """Return (N, D): of right-padded rows, the positions that predict the answer tokens.

    Only these reach the vocabulary head.

    Args:
        hidden: (B, L, D) hidden states.
        turns: What the rows are.
    """
    return hidden[answer_places(turns, hidden.device)]


def answer_places(
    turns: Sequence[EncodedTurn], device: torch.device, *, skipped: int = 0
) -> tuple[Tensor, Tensor]:
    """Return (N,) rows and (N,) columns of the positions that predict the answer tokens.

    Args:
        turns: What the right-padded rows are.
        device: Where to.
        skipped: How many leading tokens of each turn the rows leave out.
    """
    rows: list[int] = []
    positions: list[int] = []
    for row, turn in enumerate(turns):
        first = len(turn.prompt_ids) - 1 - skipped  # the position before a token predicts it
        rows += [row] * len(turn.answer_ids)
        positions += range(first, first + len(turn.answer_ids))
    return torch.tensor(rows, device=device), torch.tensor(positions, device=device)


def pad(
    rows: Sequence[Sequence[int]], *, side: Literal["left", "right"], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return (B, L) token ids padded with 0 on one side, and the (B, L) attention mask."""
    length = max(len(row) for row in rows)
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    mask = torch.zeros(len(rows), length, dtype=torch.long)
    for index, row in enumerate(rows):
        where = slice(0, len(row)) if side == "right" else slice(length - len(row), length)
        ids[index, where] = torch.tensor(row)
        mask[index, where] = 1
    return ids.to(device), mask.to(device)


def model_inputs(
    vlm: VisionLanguageModel, turns: Sequence[EncodedTurn], ids: Tensor, mask: Tensor, *, answered: bool
) -> dict[str, Any]:
    """Return what the model reads for padded rows: embeddings with cached features, or ids and pixels.

    Args:
        vlm: The model.
        turns: What the rows are; all with a picture or all without.
        ids: (B, L) token ids with all image tokens of the turns.
        mask: (B, L) attention mask.
        answered: Whether the rows end with the turns' answers; else they end before them.
    """
    if not vlm.features.supported:
        inputs = plain_inputs(vlm, turns, ids, mask, answered=answered)
        return {"input_ids": ids, "attention_mask": mask, **inputs}
    embeddings: Tensor = vlm.model.get_input_embeddings()(ids)
    pictures = [turn.picture for turn in turns if turn.picture is not None]
    if pictures:
        features = torch.cat(vlm.features.features(pictures)).to(embeddings)
        image = (ids == vlm.image_token_id).unsqueeze(-1).expand_as(embeddings)
        embeddings = embeddings.masked_scatter(image, features)
    return {"inputs_embeds": embeddings, "attention_mask": mask}
