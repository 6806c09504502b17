"""What a run will train and need, found from configuration and processor, without any weight."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers import AutoConfig, AutoModelForImageTextToText

from siu.config.params import (
    BaseModelParams,
    EvaluationParams,
    ReleaseParams,
    RuntimeParams,
    UnlearningParams,
)
from siu.config.recipe import describe_recipe
from siu.models.architectures import ARCHITECTURES
from siu.models.integrity import check_image_tokens, check_weights
from siu.models.loading import check_quantisation, choose_device
from siu.models.memory import MemoryEstimate, check_memory, estimate_memory
from siu.models.processors import load_processor, picture_prompt
from siu.models.source import check_config, model_folder
from siu.models.trained_parts import TrainedParts, find_trained_parts
from siu.objectives.depth import check_depth
from siu.objectives.registry import build_objective

EVALUATION, RELEASE = EvaluationParams(), ReleaseParams()
"""What is estimated for where nobody says otherwise."""
_PICTURE = (640, 480)
"""Size of the picture whose tokens are counted."""


@dataclass(frozen=True)
class Preview:
    """What a run will train and need."""

    parts: TrainedParts
    memory: MemoryEstimate
    trained: int
    total: int
    recipe: str

    def lines(self) -> list[str]:
        """Return what is said to the user before anything is loaded."""
        share = self.trained / self.total
        size = f"{self.trained:,} trained parameters, {share:.2%} of the base model's {self.total:,}"
        return [f"trained: {'; '.join(self.parts.describe())}", size, self.recipe, self.memory.describe()]


@lru_cache(maxsize=8)
def preview(
    base: BaseModelParams,
    unlearning: UnlearningParams,
    runtime: RuntimeParams,
    root: Path = Path(),
    evaluation: EvaluationParams = EVALUATION,
    release: ReleaseParams = RELEASE,
) -> Preview:
    """Check everything about the base model that needs no weights, and say what is to come.

    Raises:
        ModelError: The model, its processor, what is to be trained, or the device won't do.
    """
    check_depth(
        build_objective(unlearning.objective, unlearning.objective_options), unlearning.lora.layer_share
    )
    folder = model_folder(base, root)
    architecture = ARCHITECTURES[check_config(folder)["model_type"]]
    device = choose_device(runtime.device)
    check_quantisation(base, device)
    processor = load_processor(folder, architecture)
    check_weights(folder)
    model = _without_weights(folder)
    check_image_tokens(model, processor, folder)
    parts = find_trained_parts(model, architecture, unlearning.lora, unlearning.projector)
    tokens = len(picture_prompt(processor, Image.new("RGB", _PICTURE)))
    memory = estimate_memory(model, parts, base, unlearning, tokens, evaluation, release)
    if runtime.check_memory:
        check_memory(memory, device, spread=base.device_map == "auto")
    size = _size(model)
    recipe = describe_recipe(
        unlearning.objective, size, unlearning.steps, unlearning.lr, UnlearningParams().lr
    )
    return Preview(parts, memory, memory.adapter // 16, size, recipe)


def count_parameters(base: BaseModelParams, root: Path = Path()) -> int:
    """Return how many parameters a base model has, without reading a weight.

    Raises:
        ModelError: There is no such model, or it isn't supported.
    """
    folder = model_folder(base, root)
    check_config(folder)
    return _size(_without_weights(folder))


def _without_weights(folder: Path) -> Any:
    with torch.device("meta"):
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        return AutoModelForImageTextToText.from_config(config)


def _size(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())
