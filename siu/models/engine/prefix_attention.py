"""Attention of many rows to the prefix that they share: one matrix product for all of them, no copy per row.

After Hydragen (Juravsky et al. 2024, arXiv 2402.05099). For inference only.

Shapes: B rows, P prefixes, L prefix length, S a row's own tokens, Q new tokens, H key-value heads, G query
heads for each of them, E head size.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, DynamicCache
from transformers.masking_utils import eager_mask

from siu.models.engine.roomy_cache import RoomyLayer
from siu.models.vision_language_model import VisionLanguageModel

NAME = "siu_prefix"


@dataclass(frozen=True)
class _States:
    """Keys or values: (P, H, L, E) of the prefixes, (B, H, S, E) of the rows, and each row's prefix."""

    prefixes: Tensor
    own: Tensor
    rows: tuple[tuple[int, Tensor], ...]

    def behind_prefixes(self, left: Tensor, *, transposed: bool) -> Tensor:
        """Return each row's (H, M, ·) matrices times its prefix's, or times their transposes."""
        right = self.prefixes.transpose(-1, -2) if transposed else self.prefixes
        if len(self.rows) == 1:
            return _times(left, right[self.rows[0][0]])
        product = left.new_empty(*left.shape[:-1], right.shape[-1])
        for prefix, rows in self.rows:
            product[rows] = _times(left[rows], right[prefix])
        return product


def _times(left: Tensor, right: Tensor) -> Tensor:
    """Return (B, H, M, K) times (H, K, N), each head's in one product."""
    rows, heads, length, _ = left.shape
    joined = left.transpose(0, 1).reshape(heads, rows * length, -1)
    return (joined @ right).view(heads, rows, length, -1).transpose(0, 1)


class _PrefixLayer(RoomyLayer):
    """One layer's keys and values: those of the prefixes once, those of the rows after them.

    Args:
        keys: (P, H, L, E) of the prefixes.
        values: The same.
        which: (B,) number of each row's prefix.
        room: How many of a row's own tokens fit before buffers are copied to larger ones.
    """

    def __init__(self, keys: Tensor, values: Tensor, which: Tensor, room: int) -> None:
        self._prefixes, self._which = (keys, values), which
        self._rows = _rows_by_prefix(which)
        empty = keys.new_empty(len(which), keys.shape[1], 0, keys.shape[3])
        super().__init__(empty, empty, room)

    def get_seq_length(self) -> int:
        """Return the length of a row with its prefix."""
        return self._prefixes[0].shape[-2] + self.length

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> Any:
        """Append (B, H, new, E) states and return all, as `attend` takes them."""
        of_row = super().update(key_states, value_states)
        return tuple(
            _States(prefixes, states, self._rows)
            for prefixes, states in zip(self._prefixes, of_row, strict=True)
        )

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep these rows only."""
        super().batch_select_indices(indices)
        self._which = self._which[indices]
        self._rows = _rows_by_prefix(self._which)


def _rows_by_prefix(which: Tensor) -> tuple[tuple[int, Tensor], ...]:
    return tuple((prefix, (which == prefix).nonzero()[:, 0]) for prefix in which.unique().tolist())


def prefix_cache(layers: Sequence[tuple[Tensor, Tensor]], which: Tensor, room: int) -> DynamicCache:
    """Return a cache of rows after these prefixes, for a model within `attending_to_prefixes`."""
    cache = DynamicCache()
    cache.layers = [_PrefixLayer(keys, values, which, room) for keys, values in layers]
    return cache


def attend(
    module: nn.Module,
    query: Tensor,
    key: _States,
    value: _States,
    attention_mask: Tensor,
    scaling: float,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attend to prefixes and own tokens, as transformers calls it; every token sees its whole prefix.

    Args:
        module: The attention layer.
        query: (B, H·G, Q, E).
        key: Of a cache by `prefix_cache`.
        value: The same.
        attention_mask: (B, 1, Q, L + S), added to the scores; its first L columns are 0.
        scaling: Factor on the scores.
        dropout: 0: nothing is trained here.

    Returns:
        (B, Q, H·G, E), and no weights.
    """
    rows, heads, new, size = query.shape
    key_heads, length = key.own.shape[1], key.prefixes.shape[-2]
    grouped = (scaling * query).reshape(rows, key_heads, heads // key_heads * new, size)
    of_row = (grouped @ key.own.transpose(-1, -2)).view(rows, key_heads, heads // key_heads, new, -1)
    of_row = (of_row + attention_mask[:, :, None, :, length:]).view(
        rows, key_heads, heads // key_heads * new, -1
    )
    scores = torch.cat([key.behind_prefixes(grouped, transposed=True), of_row], dim=-1)
    weights = scores.softmax(dim=-1, dtype=torch.float32).to(query.dtype)
    seen = weights[..., length:] @ value.own
    seen = seen + value.behind_prefixes(weights[..., :length], transposed=False)
    return seen.view(rows, heads, new, size).transpose(1, 2), None


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, eager_mask)


@contextmanager
def attending_to_prefixes(vlm: VisionLanguageModel) -> Iterator[None]:
    """Let the language model's layers go to a cache by `prefix_cache`."""
    config = vlm.model.config.get_text_config()
    before, config._attn_implementation = config._attn_implementation, NAME
    try:
        yield
    finally:
        config._attn_implementation = before
