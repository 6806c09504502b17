"""Tensors that are kept while there is room: the least recently used go first."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from torch import Tensor

T = TypeVar("T")


class RecentTensors:
    """Tensors by key.

    Args:
        most_bytes: How much is kept from one use to the next; one use alone may take more.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[str, Tensor] = {}

    def of(
        self, inputs: Mapping[str, T], make: Callable[[dict[str, T]], Iterable[Tensor]]
    ) -> dict[str, Tensor]:
        """Return the tensors of some keys, in their order.

        Args:
            inputs: What each tensor is made from, by key.
            make: Makes those that are not kept, all at once.
        """
        missing = {key: source for key, source in inputs.items() if key not in self._kept}
        if missing:
            made = zip(missing, make(missing), strict=True)
            # of a slice the whole batch would be kept
            self._kept |= {key: tensor.clone() for key, tensor in made}
        tensors = {key: self._kept.pop(key) for key in inputs}
        self._kept |= tensors  # the ones used last stand last
        self._make_room()
        return tensors

    def _make_room(self) -> None:
        taken = sum(tensor.nbytes for tensor in self._kept.values())
        while taken > self._most_bytes:
            taken -= self._kept.pop(next(iter(self._kept))).nbytes
