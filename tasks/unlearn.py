"""Unlearn: one adapter that forgets one concept."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
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
    from siu.config.params import Params
    from siu.unlearning.result import StepLoss, UnlearningResult

    OnStep = Callable[[StepLoss], None]

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
    run(job, folder, on_progress, training, joint(job, [subject], job.params.unlearning.steps, folder))


@dataclass(frozen=True)
class Trainer:
    """What trains one adapter.

    Attributes:
        steps: Steps of all its runs together, at most.
        prepare: Returns what trains with these parameters, calls back after every step, saves the adapter.
    """

    steps: int
    prepare: "Callable[[Params, OnStep], Callable[[], UnlearningResult]]"


def joint(job: Job, subjects: Sequence[str], steps: int, folder: Path) -> Trainer:
    """Return what trains one adapter on the data of these requests, or the best of several."""
    from siu.finetuning_data import load_data, picture_paths
    from siu.unlearning import TrainingInput, candidates, unlearn, unlearn_tuned
    from tasks.runtime.base_model import base_model

    settings = job.params.unlearning
    data = [load_data(CONSTRUCT.output(job, subject)) for subject in subjects]
    pictures = [picture for subject in subjects for picture in pictures_of(job, subject)]
    paths = picture_paths(job.collection(), *pictures)

    def prepare(params: "Params", on_step: "OnStep") -> "Callable[[], UnlearningResult]":
        inputs = TrainingInput(base_model(job), data, paths, params)
        train = unlearn_tuned if settings.tune else unlearn
        return partial(train, inputs, folder / ADAPTER, steps=steps, on_step=on_step)

    runs = candidates(settings, steps) if settings.tune else ((settings.lr, steps),)
    return Trainer(sum(number for _, number in runs), prepare)


def run(job: Job, folder: Path, on_progress: OnProgress, training: Training, trainer: Trainer) -> None:
    """Train an adapter, with less memory if need be; write how it went and its step losses.

    The losses can be watched on the way (`tasks.tracking.live_losses`).
    """
    with live_losses(job.workspace.tracking, training) as note:
        for attempt in attempts(job.params):
            with attempt as params:
                numbers = count(1)

                def on_step(loss: "StepLoss", numbers: Iterator[int] = numbers) -> None:
                    note(loss)
                    on_progress(next(numbers), trainer.steps)

                result = trainer.prepare(params, on_step)()
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
