"""Unlearn: one adapter that forgets one concept."""

import json
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.storage.jsonl import write_jsonl
from tasks.construct import CONSTRUCT, pictures_of
from tasks.job import Job
from tasks.runtime.short_memory import attempts
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage
from tasks.tracking.live_losses import Training, live_losses

if TYPE_CHECKING:
    from siu.unlearning.result import StepLoss

ADAPTER = "adapter"
LOSSES = "losses.jsonl"
RESULT = "result.json"


def inputs(job: Job, subject: str) -> dict[str, Any]:
    """Return what determines the adapter."""
    return {"data": [CONSTRUCT.digest(job, subject)], **training_inputs(job)}


def training_inputs(job: Job) -> dict[str, Any]:
    """Return what determines every training beside its data."""
    settings = job.params.unlearning
    unread = set() if settings.tune else {"tuning"}
    return {
        "params": settings.model_dump(mode="json", exclude=unread),
        "seed": job.params.seed,
    }


def work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    """Train the adapter and write it with its step losses and how it went."""
    training = Training(UNLEARN.name, (subject,), UNLEARN.digest(job, subject))
    train(job, [subject], job.params.unlearning.steps, folder, on_progress, training)


def train(
    job: Job,
    subjects: Sequence[str],
    steps: int,
    folder: Path,
    on_progress: OnProgress,
    training: Training,
) -> None:
    """Train one adapter on the data of these requests, or the best of several.

    Its losses can be watched on the way (`tasks.tracking.live_losses`).
    """
    from siu.finetuning_data import load_data, picture_paths
    from siu.unlearning import candidates, unlearn, unlearn_tuned
    from tasks.runtime.base_model import base_model

    settings = job.params.unlearning
    tried = candidates(settings, steps) if settings.tune else ((settings.lr, steps),)
    total, done = sum(number for _, number in tried), count(1)

    data = [load_data(CONSTRUCT.output(job, subject)) for subject in subjects]
    pictures = [picture for subject in subjects for picture in pictures_of(job, subject)]
    with live_losses(job.workspace.tracking, training) as note:

        def on_step(loss: "StepLoss") -> None:
            note(loss)
            on_progress(next(done), total)

        for attempt in attempts(job.params):
            with attempt as params:
                done = count(1)
                result = (unlearn_tuned if settings.tune else unlearn)(
                    base_model(job),
                    data,
                    picture_paths(job.collection(), *pictures),
                    params,
                    folder / ADAPTER,
                    steps=steps,
                    on_step=on_step,
                )
    text = json.dumps(result.as_dict(), indent=2) + "\n"
    (folder / RESULT).write_text(text, encoding="utf-8")
    write_jsonl(folder / LOSSES, (loss.as_dict() for loss in result.losses))


UNLEARN = Stage(
    "unlearn",
    inputs,
    work,
    makes="adapter, step losses",
    reads=("construct", "before"),
    params=("seed", "unlearning", "gates.known"),
    event="unlearned",
)
