"""A stage: its inputs, its work, and the one rule by which it is skipped.

The digest of a stage's plan names its output folder. Where that folder is already published the stage is
skipped; nothing else decides. A plan is the stage's inputs and the code that its work can import; the inputs
hold the plan digests of the stages before it. So the whole plan of a batch is known before anything runs.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siu.storage.digest import value_digest
from tasks.job import Job
from tasks.workers import OnProgress, Runner

TIMING = "seconds.json"


@dataclass(frozen=True)
class Stage:
    """One kind of work.

    Attributes:
        name: Folder of its outputs below ``artifacts/``.
        inputs: Everything beside the code that determines the output for a subject, as JSON-like values
            without names. Its module is the stage's, whose imports decide too: one of `tasks.code.WORK`.
        work: Fills a folder with the output; runs in a worker process.
    """

    name: str
    inputs: Callable[[Job, str], dict[str, Any]]
    work: Callable[[Job, str, Path, OnProgress], None]

    def plan(self, job: Job, subject: str) -> dict[str, Any]:
        """Return the inputs for a subject, and the digests of the code that makes the output of them."""
        return {**self.inputs(job, subject), "code": job.code_of(self.inputs.__module__)}

    def digest(self, job: Job, subject: str) -> str:
        """Return the plan digest for a subject: a request's id, or what the stage says."""
        return value_digest(self.plan(job, subject))

    def find(self, job: Job, subject: str) -> Path | None:
        """Return the published output, or None."""
        return job.store.find(self.name, self.plan(job, subject))

    def output(self, job: Job, subject: str) -> Path:
        """Return the published output of a stage that was done before."""
        folder = self.find(job, subject)
        if folder is None:
            raise RuntimeError(f"{self.name} of {subject} is read before it is published")
        return folder


@dataclass(frozen=True)
class Output:
    """What a stage left.

    Attributes:
        stage: Name of the stage.
        digest: Plan digest.
        folder: The published folder.
        skipped: Whether it was there already.
        seconds: What the work took when it was done.
    """

    stage: str
    digest: str
    folder: Path
    skipped: bool
    seconds: float


def perform(stage: Stage, job: Job, subject: str, runner: Runner, on_progress: OnProgress) -> Output:
    """Do a stage's work unless its output is already published."""
    found = published(stage, job, subject)
    if found is not None:
        return found
    folder = runner.run(publish, stage, job, subject, on_progress=on_progress)
    return Output(stage.name, stage.digest(job, subject), folder, False, _seconds(folder))


def published(stage: Stage, job: Job, subject: str) -> Output | None:
    """Return what a stage left before, or None."""
    folder = stage.find(job, subject)
    if folder is None:
        return None
    return Output(stage.name, stage.digest(job, subject), folder, True, _seconds(folder))


def publish(stage: Stage, job: Job, subject: str, on_progress: OnProgress) -> Path:
    """Do a stage's work into a staging folder and publish it."""
    started = time.monotonic()
    with job.store.publish(stage.name, stage.plan(job, subject)) as folder:
        stage.work(job, subject, folder, on_progress)
        seconds = round(time.monotonic() - started, 3)
        (folder / TIMING).write_text(json.dumps(seconds), encoding="utf-8")
    return stage.output(job, subject)


def _seconds(folder: Path) -> float:
    return float(json.loads((folder / TIMING).read_text(encoding="utf-8")))
