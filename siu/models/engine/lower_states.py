"""Hidden states below the first layer that is trained: nothing there changes, so they are computed once.

The first pass over a turn keeps what reaches that layer; later passes begin there. Equal, up to rounding, to
running every layer.

Shapes: B rows, L length, D hidden size.
"""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from siu.models.engine.features import adds_to_base
from siu.models.vision_language_model import VisionLanguageModel

MOST_BYTES = 1 << 30
"""Beyond this nothing more is kept; turns that came later run through all layers at every step."""


class LowerStates:
    """What is kept of some rows, while an adapter is trained.

    Args:
        vlm: The model with its adapter attached.
        states: What is kept, where another lane keeps its rows there as well; the rows of a pass differ.
        room: How many bytes this lane may add.
    """

    def __init__(
        self, vlm: VisionLanguageModel, states: dict[Hashable, Tensor] | None = None, room: int | None = None
    ) -> None:
        self._layers = vlm.layers
        self._first = _untrained(vlm)
        self._kept = {} if states is None else states
        self._room = MOST_BYTES if room is None else room

    def hold(self, rows: Sequence[Hashable]) -> bool:
        """Return whether all of these rows may begin at the first trained layer."""
        return self._first > 0 and all(row in self._kept for row in rows)

    @contextmanager
    def recalled(self, rows: Sequence[Hashable]) -> Iterator[None]:
        """Run a batch of these rows from the first trained layer on; its lower layers leave a blank cache."""
        whole = list(self._layers)
        states = nn.utils.rnn.pad_sequence([self._kept[row] for row in rows], batch_first=True)
        for number in range(self._first):
            self._layers[number] = _Skipped(number, states)
        try:
            yield
        finally:
            for number in range(self._first):
                self._layers[number] = whole[number]

    @contextmanager
    def keeping(self, rows: Sequence[Hashable], lengths: Sequence[int]) -> Iterator[None]:
        """Run a batch of these rows, padded on the right, and keep what reaches the first trained layer."""
        if self._first == 0:
            yield
            return
        hook = self._layers[self._first].register_forward_pre_hook(
            lambda _, inputs: self._keep(rows, lengths, inputs[0])
        )
        try:
            yield
        finally:
            hook.remove()

    def _keep(self, rows: Sequence[Hashable], lengths: Sequence[int], states: Tensor) -> None:
        for row, length, row_states in zip(rows, lengths, states.detach(), strict=True):
            size = length * row_states.shape[-1] * row_states.element_size()
            if row not in self._kept and size <= self._room:
                self._kept[row] = row_states[:length].clone()
                self._room -= size


class _Skipped(nn.Module):
    def __init__(self, number: int, states: Tensor) -> None:
        super().__init__()
        self._number, self._states = number, states

    def forward(self, _: Tensor, past_key_values: Any = None, **__: Any) -> Tensor:
        """Return the kept (B, L, D) states; keys and values of size 1 let the cache count the tokens."""
        rows, length = self._states.shape[:2]
        blank = self._states.new_zeros(rows, 1, length, 1)
        past_key_values.update(blank, blank, self._number)
        return self._states


def of_lanes(models: Sequence[VisionLanguageModel]) -> list[LowerStates]:
    """Return what each lane reads and keeps: the same states, and an equal part of the room each."""
    states: dict[Hashable, Tensor] = {}
    return [LowerStates(model, states, MOST_BYTES // len(models)) for model in models]


def _untrained(vlm: VisionLanguageModel) -> int:
    """Return how many layers, from the first on, read nothing that is trained; 0 if pictures change."""
    if not vlm.features.frozen:
        return 0
    trained = [any(adds_to_base(name) for name, _ in layer.named_parameters()) for layer in vlm.layers]
    return trained.index(True) if True in trained else 0
