"""Where an objective wants its gradient taken a second time: at weights moved towards relearning."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Perturbation:
    """How far the weights are moved before a step.

    Attributes:
        radius: Length of the whole change at most: the root of its sum of squares over all adapted layers.
        steps: Gradient steps that the change is made of.
        weight: What the gradient there is multiplied by before it is added to the ordinary one.
    """

    radius: float
    steps: int
    weight: float
