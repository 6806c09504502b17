"""The Dual Masked KL divergence of SIU (arXiv 2405.12523, section 3.3 and appendix B)."""

import torch
from torch import Tensor


def dual_masked_kl(
    logits: Tensor,
    reference_log_probs: Tensor,
    token_mask: Tensor,
    vocabulary_mask: Tensor,
    normaliser: float,
) -> Tensor:
    """Return KL(reference ‖ model), masked by token and by vocabulary entry, over the normaliser.

    sum_t K_S[t] sum_v K_V[v] p_ref(v|t) (log p_ref(v|t) - log p(v|t)) / normaliser. As in the paper
    nothing is renormalised after masking, so a masked value can be negative. What the base model excludes
    (log-probability -inf) adds nothing: p log p is 0 at p = 0.

    Args:
        logits: (N, V) predictions of the model being unlearned at answer positions.
        reference_log_probs: (N, V) log-probabilities of the base model at the same positions.
        token_mask: (N,) K_S: 0 at specified positions, 1 elsewhere.
        vocabulary_mask: (V,) or (N, V) K_V: 0 for the concept's name tokens, 1 elsewhere.
        normaliser: The number of unmasked positions in the whole step; at least 1.

    Returns:
        Scalar in float32 (float64 for float64 logits).
    """
    precise = logits if logits.dtype.itemsize >= 4 else logits.float()
    log_probs = torch.log_softmax(precise, dim=-1)
    reference = reference_log_probs.to(log_probs.dtype)
    ratio = (reference - log_probs).masked_fill_(reference == float("-inf"), 0.0)
    divergence = reference.exp() * ratio * vocabulary_mask.to(log_probs.dtype)
    return (divergence.sum(dim=-1) * token_mask.to(log_probs.dtype)).sum() / normaliser
