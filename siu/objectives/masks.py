"""The vocabulary mask of the Dual Masked KL divergence, and where probability on the name is extreme."""

from collections.abc import Sequence

import torch
from torch import Tensor


def vocabulary_mask(name_ids: Sequence[int], size: int) -> Tensor:
    """Return K_V: (V,) float32, 0 at the name's token ids and 1 elsewhere."""
    mask = torch.ones(size)
    mask[list(name_ids)] = 0.0
    return mask


def extreme_positions(reference_log_probs: Tensor, name_ids: Sequence[int], threshold: float) -> Tensor:
    """Return where the base model puts extreme probability on the name (appendix B).

    Zeroing only the name's vocabulary entries there would punish every other entry.

    Args:
        reference_log_probs: (N, V) log-probabilities of the base model.
        name_ids: Token ids of the name.
        threshold: Probability from which a position counts as extreme.

    Returns:
        (N,) bool.
    """
    on_name = reference_log_probs[:, list(name_ids)].exp().sum(dim=-1)
    return on_name >= threshold
