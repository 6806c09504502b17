"""Unlearn: one adapter that forgets one concept."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from siu.jsonl import write_jsonl
from tasks.construct import CONSTRUCT, pictures_of
from tasks.job import Job
from tasks.stage import Stage
from tasks.workers import OnProgress

ADAPTER = "adapter"
LOSSES = "losses.jsonl"


def inputs(job: Job, subject: str) -> dict[str, Any]:
    """Return what determines the adapter."""
    return {"data": [CONSTRUCT.digest(job, subject)], **training_inputs(job)}


def training_inputs(job: Job) -> dict[str, Any]:
    """Return what determines every training beside its data."""
    return {
        "params": job.params.unlearning.model_dump(mode="json"),
        "seed": job.params.seed,
        "code": job.code_of("unlearning", "objectives", "models"),
    }


def work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    """Train the adapter and write it with its step losses."""
    train(job, [subject], job.params.unlearning.steps, folder, on_progress)


def train(job: Job, subjects: Sequence[str], steps: int, folder: Path, on_progress: OnProgress) -> None:
    """Train one adapter on the data of these requests."""
    from siu.finetuning_data import load_data, picture_paths
    from siu.unlearning import unlearn
    from tasks.base_model import base_model

    data = [load_data(CONSTRUCT.output(job, subject)) for subject in subjects]
    pictures = [picture for subject in subjects for picture in pictures_of(job, subject)]
    result = unlearn(
        base_model(job),
        data,
        picture_paths(job.collection(), *pictures),
        job.params,
        folder / ADAPTER,
        steps=steps,
        on_step=lambda loss: on_progress(loss.step, steps),
    )
    write_jsonl(folder / LOSSES, (loss.as_dict() for loss in result.losses))


UNLEARN = Stage("unlearn", inputs, work)
