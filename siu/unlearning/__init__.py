"""Single Image Unlearning: the training loop and its samples."""

from siu.unlearning.loop import StepLoss, UnlearningResult, unlearn
from siu.unlearning.training_samples import joint_samples

__all__ = ["StepLoss", "UnlearningResult", "joint_samples", "unlearn"]
