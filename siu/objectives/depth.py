"""The layer whose hidden states an objective reads."""

import math

from siu.errors import ModelError
from siu.objectives.objective import Objective


def check_depth(objective: Objective, layer_share: float) -> None:
    """Refuse an objective whose hidden states no adapted layer changes: it would have no gradient.

    Args:
        objective: What is minimised.
        layer_share: Share of the language model's layers that are adapted, the last ones.

    Raises:
        ModelError: ``E-MOD-028``.
    """
    depth = objective.depth_read
    if depth is not None and layer_share <= 1 - depth:
        raise ModelError(
            "E-MOD-028",
            f"{type(objective).__name__} reads a layer at {depth:.3g} of the depth, and with "
            f"unlearning.lora.layer_share {layer_share:g} no layer up to there is adapted",
            "Set unlearning.lora.layer_share to 1",
        )


def layer_at(depth: float, layers: int) -> int:
    """Return the number, from 1, of the layer at a share of the depth of so many layers."""
    return math.ceil(depth * layers)
