"""How turns are divided: rows of similar length together, questions about one picture after one prefix."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from torch import Tensor

from siu.models.engine.forward import WholeRows
from siu.models.engine.lower_states import LowerStates
from siu.models.engine.packed import PackedRows
from siu.models.engine.prefix import Prefixes, prefix_key, prefix_length
from siu.models.engine.prefix_probe import shares_prefixes
from siu.models.engine.reply import Reply
from siu.models.turns import EncodedTurn
from siu.models.vision_language_model import VisionLanguageModel

BATCH_COST = 128
"""How many tokens a pass costs beside those that it runs: docs/experiments/2026-11-28-performance.md."""


class Forward(Protocol):
    """How the rows of some batches are run."""

    def answer_states(self, turns: Sequence[EncodedTurn], layer: int | None = None, /) -> Tensor:
        """Return (N, D) hidden states at the positions that predict the answer tokens of one batch."""

    def replies(self, turns: Sequence[EncodedTurn], max_new_tokens: int, /) -> list[Reply]:
        """Return what the model says to each turn of one batch."""

    def samples(
        self, turns: Sequence[EncodedTurn], uniforms: Tensor, temperature: float, /
    ) -> list[list[int]]:
        """Return the token ids of an answer to each turn of one batch, drawn by (B, T) uniform numbers."""

    def backward(self) -> None:
        """Finish the gradient once every batch has gone backward."""


def forwards(
    vlm: VisionLanguageModel,
    turns: Sequence[EncodedTurn],
    size: int,
    *,
    passes: int = 1,
    lower: LowerStates | None = None,
) -> Iterator[tuple[Forward, list[list[int]]]]:
    """Divide turns into index batches; each lot comes with the forward pass that its rows share.

    A lot has to be used up before the next one is asked for: its prefixes are run when it is, with the
    model as it is then.

    Args:
        vlm: The model.
        turns: Encoded turns with and without pictures, in any order.
        size: Most rows of a batch, and most prefixes held at the same time.
        passes: How many times a batch is run, as far as one can tell: once, or once for each new token.
        lower: States below the first trained layer, where an adapter is trained.
    """
    for lot in _lots(vlm, turns, size):
        rows = [turns[index] for index in lot]
        yield _forward(vlm, rows, lower), _batches(turns, lot, size, passes * BATCH_COST)


def _forward(vlm: VisionLanguageModel, rows: Sequence[EncodedTurn], lower: LowerStates | None) -> Forward:
    if not vlm.caches_allowed:
        packed = vlm.features.supported and rows[0].picture is not None
        return PackedRows(vlm) if packed else WholeRows(vlm)
    return Prefixes(vlm, rows, lower) if shares_prefixes(vlm) else WholeRows(vlm)


def _lots(vlm: VisionLanguageModel, turns: Sequence[EncodedTurn], size: int) -> Iterator[list[int]]:
    """Return the indices of turns, ``size`` prefixes of equal length at a time."""
    by_length: dict[int, dict[object, list[int]]] = {}
    for index, turn in enumerate(turns):
        by_prefix = by_length.setdefault(prefix_length(vlm, turn), {})
        by_prefix.setdefault(prefix_key(vlm, turn), []).append(index)
    for by_prefix in by_length.values():
        rows = list(by_prefix.values())
        for start in range(0, len(rows), size):
            yield [index for same in rows[start : start + size] for index in same]


def _batches(turns: Sequence[EncodedTurn], indices: Sequence[int], size: int, cost: int) -> list[list[int]]:
    """Return batches of rows of similar length, the longest first.

    A batch ends where a shorter row would bring its padding above what a further batch costs, in tokens.
    """
    batches: list[list[int]] = []
    longest = padding = 0
    for index in sorted(indices, key=lambda index: (-len(turns[index]), index)):
        padding += longest - len(turns[index])
        if not batches or len(batches[-1]) == size or padding > cost:
            batches.append([])
            longest, padding = len(turns[index]), 0
        batches[-1].append(index)
    return batches
