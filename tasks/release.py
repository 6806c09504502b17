"""Release: the one adapter that is deployed, trained jointly on the concepts of the batch.

A quarantined request is not among them.
"""

from pathlib import Path
from typing import Any

from tasks.construct import CONSTRUCT
from tasks.job import Job
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage
from tasks.subjects import Release
from tasks.tracking.live_losses import Training
from tasks.unlearn import train, training_inputs


def steps(job: Job, subject: Release) -> int:
    """Return the number of optimiser steps, at most: more concepts need more of them."""
    return max(job.params.unlearning.steps, job.params.release.steps_per_concept * len(_data(job, subject)))


def inputs(job: Job, subject: Release) -> dict[str, Any]:
    """Return what determines the joint adapter."""
    return {"data": list(_data(job, subject)), "steps": steps(job, subject), **training_inputs(job)}


def work(job: Job, subject: Release, folder: Path, on_progress: OnProgress) -> None:
    """Train the adapter and write it with its step losses and how it went."""
    training = Training(RELEASE.name, subject.request_ids, RELEASE.digest(job, subject))
    train(job, list(_data(job, subject).values()), steps(job, subject), folder, on_progress, training)


def _data(job: Job, subject: Release) -> dict[str, str]:
    """Return the fine-tuning data, each with the first request it serves."""
    served: dict[str, str] = {}
    for request_id in subject.request_ids:
        served.setdefault(CONSTRUCT.digest(job, request_id), request_id)
    return served


RELEASE = Stage(
    "release",
    inputs,
    work,
    makes="the joint adapter",
    reads=("attack",),
    params=("release", "attacks.release", "gates.known"),
    files=("requests.csv", "requests"),
    fills=("state/models",),
)
"""The subject is a release: of all requests that were unlearned, attacked and not quarantined."""
