"""Single Image Unlearning: the training loop and its samples."""

from siu.unlearning.chosen_samples import joint_samples
from siu.unlearning.loop import unlearn
from siu.unlearning.result import StepLoss, UnlearningResult
from siu.unlearning.training_input import TrainingInput
from siu.unlearning.tuning import candidates, unlearn_tuned

__all__ = [
    "StepLoss",
    "TrainingInput",
    "UnlearningResult",
    "candidates",
    "joint_samples",
    "unlearn",
    "unlearn_tuned",
]
