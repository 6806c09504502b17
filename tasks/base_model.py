"""The base model, loaded once per worker process."""

from functools import lru_cache
from pathlib import Path

from siu.models import VisionLanguageModel, load_model
from siu.params import BaseModelParams, RuntimeParams
from tasks.job import Job


def base_model(job: Job) -> VisionLanguageModel:
    """Return the batch's base model, frozen; adapters are attached to it and taken off again."""
    return _load(job.params.base_model, job.params.runtime, job.workspace.root, job.base_digest)


@lru_cache(maxsize=1)
def _load(params: BaseModelParams, runtime: RuntimeParams, root: Path, _digest: str) -> VisionLanguageModel:
    return load_model(params, runtime, root=root)
