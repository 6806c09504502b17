"""What a training takes over from the releases before it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from siu.finetuning_data import FinetuningData

Moments = dict[str, Tensor]
"""Sums of xᵀx over what each adapted layer is given, by the layer's name in the base model; (I, I) each."""


@dataclass(frozen=True)
class Inheritance:
    """What came before: nothing, unless said otherwise.

    Attributes:
        adapter: The adapter that training goes on from; None begins at the base model.
        forgotten: Ids of concepts that were forgotten before: no sample that keeps them is trained on.
        rehearsed: Fine-tuning data of them, of their pictures or of what stands in for these.
        rehearsed_per_step: How many of their samples a step has, beside its own.
        moments: What the layers were given where the adapter must stay as it is; empty holds nothing.
        moments_weight: Weight of the change that the adapter makes there.
    """

    adapter: Path | None = None
    forgotten: frozenset[str] = frozenset()
    rehearsed: Sequence[FinetuningData] = ()
    rehearsed_per_step: int = 0
    moments: Moments = field(default_factory=dict)
    moments_weight: float = 0.0


NO_INHERITANCE = Inheritance()
