"""The last layer's MLP at answer positions alone: nobody reads what it makes of other tokens.

Keys and values of all tokens come before it, so a prefix needs nothing of it at all.

Shapes: B rows, L length, N places, D hidden size.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from siu.models.vision_language_model import VisionLanguageModel

Places = tuple[Tensor, Tensor]
"""(N,) rows and (N,) columns of a batch."""


@contextmanager
def last_mlp_at(vlm: VisionLanguageModel, places: Places | None) -> Iterator[None]:
    """Run the last layer's MLP at some places; elsewhere the model's last hidden states mean nothing.

    Args:
        vlm: The model.
        places: Where; None means nowhere.
    """
    layer = vlm.layers[-1]
    mlp = layer.mlp
    layer.mlp = _AtPlaces(mlp, places)
    try:
        yield
    finally:
        layer.mlp = mlp


class _AtPlaces(nn.Module):
    def __init__(self, mlp: nn.Module, places: Places | None) -> None:
        super().__init__()
        self._mlp, self._places = mlp, places

    def forward(self, hidden: Tensor) -> Tensor:
        """Return (B, L, D): the MLP's output at the places, 0 elsewhere."""
        zeros = hidden.new_zeros(hidden.shape)
        if self._places is None:
            return zeros
        return zeros.index_put(self._places, self._mlp(hidden[self._places]))
