"""Release: the one adapter that is deployed, trained jointly on the concepts of the batch.

Its subject is the released requests' ids joined by ``+``: a quarantined request is not among them.
"""

from pathlib import Path
from typing import Any

from tasks.construct import CONSTRUCT
from tasks.job import Job
from tasks.live_losses import Training
from tasks.stage import Stage
from tasks.unlearn import train, training_inputs
from tasks.workers import OnProgress


def release_of(request_ids: tuple[str, ...]) -> str:
    """Return the subject of the release of these requests."""
    return "+".join(request_ids)


def members(subject: str) -> tuple[str, ...]:
    """Return the requests of a release."""
    return tuple(subject.split("+"))


def steps(job: Job, subject: str) -> int:
    """Return the number of optimiser steps, at most: more concepts need more of them."""
    return max(job.params.unlearning.steps, job.params.release.steps_per_concept * len(_data(job, subject)))


def inputs(job: Job, subject: str) -> dict[str, Any]:
    """Return what determines the joint adapter."""
    return {"data": list(_data(job, subject)), "steps": steps(job, subject), **training_inputs(job)}


def work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    """Train the adapter and write it with its step losses and how it went."""
    training = Training(RELEASE.name, members(subject), RELEASE.digest(job, subject))
    train(job, list(_data(job, subject).values()), steps(job, subject), folder, on_progress, training)


def _data(job: Job, subject: str) -> dict[str, str]:
    """Return the fine-tuning data, each with the first request it serves."""
    served: dict[str, str] = {}
    for request_id in members(subject):
        served.setdefault(CONSTRUCT.digest(job, request_id), request_id)
    return served


RELEASE = Stage("release", inputs, work)
