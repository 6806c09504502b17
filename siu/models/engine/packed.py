"""Several questions about one picture in one row, where no cache may be kept (gradient checkpointing).

A row is a prefix (`siu.models.engine.prefix`) and the texts after it, one after the other. A token sees the
prefix and its own text only, and positions go on from the prefix for each text, so each answer's states are
those of a row of its own.

Shapes: P distinct prefixes in a batch, L padded length of their rows, N answer positions, D hidden size.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from siu.models.engine.forward import WholeRows, layer_states, model_inputs, pad
from siu.models.engine.prefix import prefix_key, prefix_length
from siu.models.turns import EncodedTurn


class PackedRows(WholeRows):
    """Rows of texts packed after their picture's prefix; for models whose features are cached."""

    def answer_states(self, turns: Sequence[EncodedTurn], layer: int | None = None) -> Tensor:
        """Return (N, D) hidden states at the positions that predict the answer tokens, row after row.

        Args:
            turns: The turns of one batch, all with a picture.
            layer: After which layer, from 1; None means after the last one and its norm.
        """
        packs = self._packs(turns)
        rows, segments, positions, places = [], [], [], {}
        for row, indices in enumerate(packs):
            length = prefix_length(self._vlm, turns[indices[0]])
            ids = list(turns[indices[0]].prompt_ids[:length])
            segment, position = [0] * length, list(range(length))
            for number, index in enumerate(indices, start=1):
                text = (*turns[index].prompt_ids[length:], *turns[index].answer_ids)
                first = len(ids) + len(turns[index].prompt_ids) - length - 1
                places[index] = [(row, first + at) for at in range(len(turns[index].answer_ids))]
                ids += text
                segment += [number] * len(text)
                position += range(length, length + len(text))
            rows.append(ids)
            segments.append(segment)
            positions.append(position)
        hidden = self._run([turns[indices[0]] for indices in packs], rows, segments, positions, layer)
        coordinates_of_answers = [place for index in range(len(turns)) for place in places[index]]
        at_rows, at_columns = (
            torch.tensor(coordinates, device=hidden.device)
            for coordinates in zip(*coordinates_of_answers, strict=True)
        )
        return hidden[at_rows, at_columns]

    def _packs(self, turns: Sequence[EncodedTurn]) -> list[list[int]]:
        packs: dict[object, list[int]] = {}
        for index, turn in enumerate(turns):
            packs.setdefault(prefix_key(self._vlm, turn), []).append(index)
        return list(packs.values())

    def _run(
        self,
        shown: Sequence[EncodedTurn],
        rows: Sequence[Sequence[int]],
        segments: Sequence[Sequence[int]],
        positions: Sequence[Sequence[int]],
        layer: int | None,
    ) -> Tensor:
        device = self._vlm.device
        ids, mask = pad(rows, side="right", device=device)
        inputs = model_inputs(self._vlm, shown, ids, mask, answered=False)
        embeddings = inputs["inputs_embeds"]
        numbers, _ = pad([[number + 1 for number in row] for row in segments], side="right", device=device)
        places, _ = pad(positions, side="right", device=device)
        output = self._vlm.model.model(
            inputs_embeds=embeddings,
            attention_mask=_block_mask(numbers - 1, embeddings.dtype),
            position_ids=places,
            use_cache=False,
            output_hidden_states=layer is not None,
        )
        return layer_states(output, layer)


def _block_mask(segments: Tensor, dtype: torch.dtype) -> Tensor:
    """Return (P, 1, L, L) to be added to attention scores: 0 where a token sees another, else very low.

    Args:
        segments: (P, L): 0 in the prefix, from 1 in the texts, -1 in the padding, which sees itself so that
            no row of the softmax is empty.
        dtype: Of the model.
    """
    queries, keys = segments[:, :, None], segments[:, None, :]
    causal = torch.ones(segments.shape[1], segments.shape[1], dtype=torch.bool, device=segments.device).tril()
    seen = causal & ((keys == 0) | (queries == keys))
    mask = torch.zeros(seen.shape, dtype=dtype, device=segments.device)
    return mask.masked_fill(~seen, torch.finfo(dtype).min)[:, None]
