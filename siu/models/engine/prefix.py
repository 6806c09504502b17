"""One picture, many questions: what stands before the questions is run once and forked over them.

A turn with a picture is its prefix (everything up to the last image token, the same for every question about
that picture) and its text after it. Keys and values of the prefixes are computed once, with gradient where
it is wanted, and copied to the rows that need them. Equal, up to rounding, to running every row whole.

Shapes: P distinct prefixes, B rows, L prefix length, T padded length of the texts, N answer positions,
V vocabulary.
"""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from siu.models.engine.drawn_answers import drawn_answers
from siu.models.engine.forward import answer_places, layer_states, model_inputs, pad
from siu.models.engine.greedy import reply
from siu.models.engine.last_layer import last_mlp_at
from siu.models.engine.lower_states import LowerStates
from siu.models.engine.prefix_attention import attending_to_prefixes, prefix_cache
from siu.models.engine.reply import Reply
from siu.models.engine.roomy_cache import roomy
from siu.models.turns import EncodedTurn
from siu.models.vision_language_model import VisionLanguageModel

LayerStates = tuple[Tensor, Tensor]
"""Keys and values of one layer, each (P, heads, L, head size)."""


def prefix_length(vlm: VisionLanguageModel, turn: EncodedTurn) -> int:
    """Return the number of leading tokens that depend on the picture alone; 0 without a picture."""
    if turn.picture is None:
        return 0
    return len(turn.prompt_ids) - turn.prompt_ids[::-1].index(vlm.image_token_id)


def prefix_key(vlm: VisionLanguageModel, turn: EncodedTurn) -> tuple[Any, ...]:
    """Return what two turns that share a prefix have in common."""
    return (turn.picture, turn.prompt_ids[: prefix_length(vlm, turn)])


class Prefixes:
    """The prefixes of some turns.

    Where gradients are enabled, the texts' gradient stops at the prefixes' keys and values and is kept there,
    so that each batch of texts can free its graph; `backward` then carries the sum on through the prefixes.

    Args:
        vlm: The model, its adapter on or off as the caller wants; it must not change while the prefixes live.
        turns: Turns with pictures whose prefixes have one length, or turns without: they have no prefix.
        lower: States below the first trained layer, to begin at where they are kept of all these turns, and
            to be kept where they aren't.
    """

    def __init__(
        self, vlm: VisionLanguageModel, turns: Sequence[EncodedTurn], lower: LowerStates | None = None
    ) -> None:
        self._vlm, self._lower = vlm, lower
        self.length = prefix_length(vlm, turns[0])
        distinct = {prefix_key(vlm, turn): turn for turn in turns}
        self._rows = {key: row for row, key in enumerate(distinct)}
        prefixes = distinct if self.length else ()
        self._recalls = lower is not None and lower.hold([*turns, *prefixes])
        self._deltas: Tensor | None = None
        self._states = self._run(list(distinct.values())) if self.length else []
        self._leaves = [(_leaf(keys), _leaf(values)) for keys, values in self._states]

    def answer_states(self, turns: Sequence[EncodedTurn], layer: int | None = None) -> Tensor:
        """Return (N, D) hidden states at the positions that predict the answer tokens, row after row.

        Args:
            turns: Some of the turns that the prefixes were made of.
            layer: After which layer, from 1; None means after the last one and its norm.
        """
        assert layer is None or not self._recalls, "lower layers left no keys to go on from"
        texts = [(*turn.prompt_ids[self.length :], *turn.answer_ids) for turn in turns]
        ids, mask = pad(texts, side="right", device=self._vlm.device)
        places = answer_places(turns, ids.device, skipped=self.length)
        with ExitStack() as stack:
            if layer is None:
                stack.enter_context(last_mlp_at(self._vlm, places))
                stack.enter_context(self._lower_layers(turns, [len(text) for text in texts]))
            output = self._vlm.model.model(
                input_ids=ids,
                attention_mask=torch.cat([mask.new_ones(len(turns), self.length), mask], dim=1),
                position_ids=self._first_positions(turns) + torch.arange(ids.shape[1], device=ids.device),
                past_key_values=self.fork(turns),
                use_cache=True,
                output_hidden_states=layer is not None,
            )
        return layer_states(output, layer)[places]

    @torch.no_grad()
    def replies(self, turns: Sequence[EncodedTurn], max_new_tokens: int) -> list[Reply]:
        """Return the greedy answer to each turn; the turns' own answers are the drafts."""
        drafts = [turn.answer_ids for turn in turns]
        room = max(len(turn) for turn in turns) - self.length + 2 * max_new_tokens
        with self._growing(turns, room) as cache:
            positions = self._first_positions(turns)
            return reply(self._vlm, self._texts(turns), drafts, cache, positions, max_new_tokens)

    @torch.no_grad()
    def samples(self, turns: Sequence[EncodedTurn], uniforms: Tensor, temperature: float) -> list[list[int]]:
        """Return the token ids of a drawn answer to each turn; equal turns draw by their own numbers."""
        texts, room = self._texts(turns), max(len(turn) for turn in turns) - self.length + uniforms.shape[1]
        with self._growing(turns, room) as cache:
            positions = self._first_positions(turns)
            return drawn_answers(self._vlm, texts, cache, positions, uniforms, temperature)

    def _texts(self, turns: Sequence[EncodedTurn]) -> list[tuple[int, ...]]:
        return [turn.prompt_ids[self.length :] for turn in turns]

    @contextmanager
    def _growing(self, turns: Sequence[EncodedTurn], room: int) -> Iterator[DynamicCache]:
        """Yield a cache for a row per turn, with room for so many more tokens each."""
        if self._vlm.long_prefix is not None and self.length >= self._vlm.long_prefix:
            with attending_to_prefixes(self._vlm):
                yield prefix_cache(self._leaves, self._rows_of(turns), room)
        else:
            yield self.fork(turns) if not self.length else roomy(self._copies(turns), room)

    def fork(self, turns: Sequence[EncodedTurn]) -> DynamicCache:
        """Return a cache with one row per turn; growing it leaves the prefixes as they are."""
        cache = DynamicCache()
        for number, (keys, values) in enumerate(self._copies(turns)):
            cache.update(keys[:0], values[:0], number)  # an empty layer of the right dtype and device
            layer: Any = cache.layers[number]
            layer.keys, layer.values = keys, values
        return cache

    def _copies(self, turns: Sequence[EncodedTurn]) -> list[LayerStates]:
        """Return each layer's keys and values with one row per turn; of a single prefix nothing is copied."""
        rows = self._rows_of(turns)
        if len(self._rows) == 1:
            return [
                (keys.expand(len(rows), -1, -1, -1), values.expand(len(rows), -1, -1, -1))
                for keys, values in self._leaves
            ]
        return [(keys[rows], values[rows]) for keys, values in self._leaves]

    def backward(self) -> None:
        """Carry the gradient that the texts left at keys and values on to the parameters."""
        states = [state for layer in self._states for state in layer]
        leaves = [leaf for layer in self._leaves for leaf in layer]
        reached = [
            (state, leaf.grad) for state, leaf in zip(states, leaves, strict=True) if leaf.grad is not None
        ]
        if reached:
            torch.autograd.backward([state for state, _ in reached], [gradient for _, gradient in reached])

    def _run(self, turns: list[EncodedTurn]) -> list[LayerStates]:
        ids = torch.tensor([turn.prompt_ids[: self.length] for turn in turns], device=self._vlm.device)
        cache = DynamicCache()
        inputs = model_inputs(self._vlm, turns, ids, torch.ones_like(ids), answered=False)
        rows = [prefix_key(self._vlm, turn) for turn in turns]
        with last_mlp_at(self._vlm, None), self._lower_layers(rows, [self.length] * len(rows)):
            self._vlm.model.model(**inputs, past_key_values=cache, use_cache=True)
        self._deltas = self._position_shift()
        layers: list[Any] = cache.layers
        return [(layer.keys, layer.values) for layer in layers]

    def _lower_layers(self, rows: Sequence[Hashable], lengths: list[int]) -> AbstractContextManager[None]:
        if self._lower is None:
            return nullcontext()
        return self._lower.recalled(rows) if self._recalls else self._lower.keeping(rows, lengths)

    def _position_shift(self) -> Tensor | None:
        """Return (P, 1), how far a picture's positions fall short of its tokens (Qwen-VL)."""
        backbone = self._vlm.model.model
        deltas: Tensor | None = getattr(backbone, "rope_deltas", None)
        if deltas is not None:
            backbone.rope_deltas = None  # state of the model: it would be taken for the next picture's
        return deltas

    def _rows_of(self, turns: Sequence[EncodedTurn]) -> Tensor:
        rows = [self._rows[prefix_key(self._vlm, turn)] for turn in turns]
        return torch.tensor(rows, device=self._vlm.device)

    def _first_positions(self, turns: Sequence[EncodedTurn]) -> Tensor:
        """Return (B, 1) positions of the texts' first tokens; (3, B, 1) for positions in a plane."""
        first = torch.full((len(turns), 1), self.length, device=self._vlm.device)
        if self._deltas is None:
            return first
        return (first + self._deltas[self._rows_of(turns)]).expand(3, -1, -1)


def _leaf(state: Tensor) -> Tensor:
    return state.detach().requires_grad_(state.requires_grad)
