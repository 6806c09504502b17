"""Other unlearning benchmarks: their own questions, scored by their own rules."""

from siu.mmubench.unlearning_sets.measure import NAMES, measure_unlearning_set
from siu.mmubench.unlearning_sets.question import Forget, Measured

__all__ = ["NAMES", "Forget", "Measured", "measure_unlearning_set"]
