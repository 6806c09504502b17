"""A stage: its inputs, its work, and the one rule by which it is skipped.

The digest of a stage's plan names its output folder. Where that folder is already published the stage is
skipped; nothing else decides. A plan is the stage's inputs and the code that its work can import; the inputs
hold the plan digests of the stages before it. So the whole plan of a batch is known before anything runs.

What a stage says of itself beside that (`Declared`) is said nowhere else: `tasks.stages` has all of them, and
``dvc.yaml``, DVC's folders, the ledger's events and the table in docs/explanation/pipeline.md are made of it.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from siu.storage.digest import value_digest
from tasks.job import Job
from tasks.runtime.workers import OnProgress, Runner
from tasks.subjects import Subject

TIMING = "seconds.json"


@dataclass(frozen=True)
class Declared:
    """What a stage says of itself.

    Attributes:
        name: The stage; folder of its outputs below ``artifacts/``.
        makes: What it leaves, for people.
        reads: The stages whose outputs it reads.
        params: Keys of params.yaml that its results depend on, beside those of the stages that it reads.
        files: Files and folders of the workspace that it reads beside them.
        fills: Folders of the workspace that it fills beside its outputs.
        event: What the ledger says of a request when it is done; nothing if empty.
        step: Which ``--until``, and which stage of ``dvc.yaml``, it belongs to; its name if empty.
    """

    name: str
    makes: str = field(default="", kw_only=True)
    reads: tuple[str, ...] = field(default=(), kw_only=True)
    params: tuple[str, ...] = field(default=(), kw_only=True)
    files: tuple[str, ...] = field(default=(), kw_only=True)
    fills: tuple[str, ...] = field(default=(), kw_only=True)
    event: str = field(default="", kw_only=True)
    step: str = field(default="", kw_only=True)

    @property
    def ends(self) -> str:
        """The step that it belongs to."""
        return self.step or self.name

    @property
    def folders(self) -> tuple[str, ...]:
        """What it fills: all that DVC versions."""
        return (f"artifacts/{self.name}", *self.fills)


@dataclass(frozen=True)
class Stage(Declared):
    """One kind of work.

    Attributes:
        inputs: Everything beside the code that determines the output for a subject, as JSON-like values
            without names. Its module is the stage's, whose imports decide too (`tasks.runtime.code.WORK`).
        work: Fills a folder with the output; runs in a worker process.
    """

    inputs: Callable[[Job, Any], dict[str, Any]]
    work: Callable[[Job, Any, Path, OnProgress], None]

    def plan(self, job: Job, subject: Subject) -> dict[str, Any]:
        """Return the inputs for a subject, and the digests of the code that makes the output of them."""
        return {**self.inputs(job, subject), "code": job.code_of(self.inputs.__module__)}

    def digest(self, job: Job, subject: Subject) -> str:
        """Return the plan digest for a subject; a job is asked once, as later stages ask for it too."""
        digests, key = job.once(_digests), (self.name, self.inputs.__module__, subject)
        if key not in digests:
            digests[key] = value_digest(self.plan(job, subject))
        return digests[key]

    def find(self, job: Job, subject: Subject) -> Path | None:
        """Return the published output, or None."""
        return job.store.find(self.name, self.plan(job, subject))

    def output(self, job: Job, subject: Subject) -> Path:
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


def perform(stage: Stage, job: Job, subject: Subject, runner: Runner, on_progress: OnProgress) -> Output:
    """Do a stage's work unless its output is already published."""
    output = published(stage, job, subject)
    if output is not None:
        return output
    runner.run(publish, stage, job, subject, on_progress=on_progress)
    return left_by(stage, job, subject)


def published(stage: Stage, job: Job, subject: Subject) -> Output | None:
    """Return what a stage left before, or None."""
    folder = stage.find(job, subject)
    if folder is None:
        return None
    return Output(stage.name, stage.digest(job, subject), folder, True, _seconds(folder))


def left_by(stage: Stage, job: Job, subject: Subject) -> Output:
    """Return what a stage left just now."""
    folder = stage.output(job, subject)
    return Output(stage.name, folder.name, folder, False, _seconds(folder))


def publish(stage: Stage, job: Job, subject: Subject, on_progress: OnProgress) -> Path:
    """Do a stage's work into a staging folder and publish it."""
    started = time.monotonic()
    with job.store.publish(stage.name, stage.plan(job, subject)) as folder:
        stage.work(job, subject, folder, on_progress)
        seconds = round(time.monotonic() - started, 3)
        (folder / TIMING).write_text(json.dumps(seconds), encoding="utf-8")
    return stage.output(job, subject)


def _digests(_job: Job) -> dict[tuple[str, str, Subject], str]:
    return {}


def _seconds(folder: Path) -> float:
    return float(json.loads((folder / TIMING).read_text(encoding="utf-8")))
