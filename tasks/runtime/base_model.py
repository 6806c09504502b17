"""The base model, and the gold one where there is one: each loaded once per worker process."""

import gc
from functools import lru_cache
from pathlib import Path

import torch

from siu.config.params import BaseModelParams, RuntimeParams
from siu.models import VisionLanguageModel, load_model
from tasks.job import Job


def base_model(job: Job) -> VisionLanguageModel:
    """Return the batch's base model, frozen; adapters are attached to it and taken off again."""
    return _load(job.params.base_model, job.params.runtime, job.workspace.root, job.base_digest)


def whole_model(job: Job) -> VisionLanguageModel:
    """Return the base model with weights that an adapter can be merged into: never in 4 bits."""
    params = job.params.base_model.model_copy(update={"four_bit": False})
    return _load(params, job.params.runtime, job.workspace.root, job.base_digest)


def reference_model(job: Job, folder: Path) -> VisionLanguageModel:
    """Return the gold model in a folder, as the base model is loaded."""
    params = job.params.base_model.model_copy(update={"source": str(folder), "revision": None})
    return _load(params, job.params.runtime, job.workspace.root, "gold")


def drop_models() -> None:
    """Let go of the models that this process has loaded."""
    _load.cache_clear()
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@lru_cache(maxsize=2)
def _load(params: BaseModelParams, runtime: RuntimeParams, root: Path, _digest: str) -> VisionLanguageModel:
    return load_model(params, runtime, root=root)
