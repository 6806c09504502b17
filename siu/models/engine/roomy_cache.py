"""A key-value cache with room set aside, so that a new token is written and not everything copied.

transformers' own cache joins old and new states anew for every token; after a shared prefix that copies the
prefix for every row, token and layer. For inference only: states are written in place.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer


class RoomyLayer(DynamicLayer):
    """One layer's keys and values, (B, heads, length, head size), in the front of larger buffers.

    Args:
        keys: What is there already.
        values: The same.
        room: How many more tokens fit before the buffers are copied to larger ones.

    Attributes:
        length: How many tokens of a row are kept here.
    """

    def __init__(self, keys: Tensor, values: Tensor, room: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.dtype, self.device, self.is_initialized = keys.dtype, keys.device, True
        self._room, self.length = room, 0
        self._buffers = (_with_room(keys, room), _with_room(values, room))
        self._show(keys.shape[-2])

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Append (B, heads, new, head size) states and return all."""
        start = self.length
        end = start + key_states.shape[-2]
        if end > self._buffers[0].shape[-2]:
            more = end - start + self._room
            keys, values = (buffer[:, :, :start] for buffer in self._buffers)
            self._buffers = (_with_room(keys, more), _with_room(values, more))
        for buffer, states in zip(self._buffers, (key_states, value_states), strict=True):
            buffer[:, :, start:end] = states
        return self._show(end)

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep these rows only."""
        self._buffers = (self._buffers[0][indices], self._buffers[1][indices])
        self._show(self.length)

    def _show(self, length: int) -> tuple[Tensor, Tensor]:
        self.length = length
        keys, values = (buffer[:, :, :length] for buffer in self._buffers)
        self.keys, self.values = keys, values
        return keys, values


def roomy(layers: list[tuple[Tensor, Tensor]], room: int) -> DynamicCache:
    """Return a cache that holds these keys and values, with room for so many more tokens."""
    cache = DynamicCache()
    cache.layers = [RoomyLayer(keys, values, room) for keys, values in layers]
    return cache


def _with_room(states: Tensor, room: int) -> Tensor:
    rows, heads, length, size = states.shape
    buffer = torch.empty(rows, heads, length + room, size, dtype=states.dtype, device=states.device)
    buffer[:, :, :length] = states
    return buffer
