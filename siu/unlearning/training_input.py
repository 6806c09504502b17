"""What a training starts from: the model, the data and the whole configuration."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from siu.config.params import Params, UnlearningParams
from siu.finetuning_data import FinetuningData
from siu.models import VisionLanguageModel


@dataclass(frozen=True)
class TrainingInput:
    """The input of one training.

    Attributes:
        vlm: The base model.
        data: Fine-tuning data of one concept, or of all concepts of a joint release.
        paths: Picture file by digest.
        params: The whole configuration.
    """

    vlm: VisionLanguageModel
    data: Sequence[FinetuningData]
    paths: dict[str, Path]
    params: Params

    @property
    def recipe(self) -> UnlearningParams:
        """How it is trained: several concepts with the weight of ``release``."""
        if len(self.data) < 2:
            return self.params.unlearning
        weight = self.params.release.concept_weight
        return self.params.unlearning.model_copy(update={"concept_weight": weight})

    def with_recipe(self, rate: float, steps: int) -> "TrainingInput":
        """Return the same with another learning rate and number of steps."""
        unlearning = self.params.unlearning.model_copy(update={"lr": rate, "steps": steps})
        return replace(self, params=self.params.model_copy(update={"unlearning": unlearning}))
