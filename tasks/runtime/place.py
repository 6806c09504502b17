"""Where the tasks of a batch run: the job, the workers and the progress display as this process has them.

In the process of the flow the batch brings all three. Any other one, of a Dask or Ray cluster, reads the job
once from the workspace and works by itself, with the model kept from task to task, on one task at a time.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import TypeAdapter

from siu.config.params import Params
from siu.data.intake.request_row import ErasureRequest
from siu.errors import StateError
from siu.storage.digest import value_digest
from siu.storage.workspace import Workspace
from tasks.deadline import Deadline
from tasks.handle import Batch
from tasks.job import Job
from tasks.runtime.code import code_digests
from tasks.runtime.workers import InTurn, OnProgress, Runner

if TYPE_CHECKING:
    from tasks.tracking.batch import BatchRuns

PLANS = "plans"


class Watch(Protocol):
    """Where progress within a stage is shown."""

    def stage(self, subject: str, name: str) -> OnProgress:
        """Say that a stage of a row begins; return what to call with done and total."""
        ...


class Unwatched:
    """Shows nothing."""

    def stage(self, subject: str, name: str) -> OnProgress:
        """Return what does nothing."""
        return _ignore


@dataclass(frozen=True)
class Place:
    """What a process has of a batch.

    Attributes:
        job: What is to be done.
        runner: Where stages work.
        watch: Where progress within a stage is shown.
        runs: The batch's runs in MLflow; None in other processes, and where MLflow is not told.
        deadline: Until when new requests are begun with.
    """

    job: Job
    runner: Runner
    watch: Watch
    runs: "BatchRuns | None" = None
    deadline: Deadline | None = None


@dataclass(frozen=True)
class _Plan:
    """A job as other processes read it."""

    params: Params
    requests: tuple[ErasureRequest, ...]
    collection_digest: str
    base_digest: str
    code: dict[str, str]
    deadline: Deadline | None = None


_PLAN = TypeAdapter(_Plan)
_here: dict[Batch, Place] = {}


@contextmanager
def placed(
    job: Job,
    runner: Runner,
    watch: Watch,
    runs: "BatchRuns | None" = None,
    deadline: Deadline | None = None,
) -> Iterator[Batch]:
    """Let tasks of this process and of others find the batch while the block runs.

    The file that others read holds what the table of requests holds; only its owner can read it, and it is
    removed at the end.
    """
    plan = _Plan(job.params, job.requests, job.collection_digest, job.base_digest, job.code, deadline)
    content = _PLAN.dump_json(plan)
    batch = Batch(os.fspath(job.workspace.root), value_digest(content.decode()))
    file = _file(batch)
    file.parent.mkdir(parents=True, exist_ok=True)
    for left in file.parent.glob("*.json"):  # by a batch that was killed
        left.unlink()
    file.touch(mode=0o600)
    file.write_bytes(content)
    _here[batch] = Place(job, runner, watch, runs, deadline)
    try:
        yield batch
    finally:
        del _here[batch]
        file.unlink(missing_ok=True)


def place_of(batch: Batch) -> Place:
    """Return what this process has of a batch.

    Raises:
        StateError: ``E-RUN-009`` the workspace doesn't hold the batch's plan; ``012`` this process runs other
            code than the batch.
    """
    return _here.get(batch) or _elsewhere(batch)


@lru_cache(maxsize=4)
def _elsewhere(batch: Batch) -> Place:
    """Read the job in a process that is not the flow's, and take as many torch threads as a worker has."""
    import torch

    file = _file(batch)
    if not file.is_file():
        what = "this process finds no plan of the batch"
        raise StateError("E-RUN-009", what, "Give all processes the workspace under one path", str(file))
    plan = _PLAN.validate_json(file.read_bytes())
    if dict(plan.code) != code_digests():
        what = "this process runs other code of siu, or other libraries, than the batch"
        remedy = "Install the same everywhere, and start the cluster's processes anew"
        raise StateError("E-RUN-012", what, remedy, socket.gethostname())
    torch.set_num_threads(plan.params.runtime.threads)
    workspace = Workspace(Path(batch.workspace))
    job = Job(
        workspace, plan.params, plan.requests, plan.collection_digest, plan.base_digest, dict(plan.code)
    )
    return Place(job, InTurn(), Unwatched(), deadline=plan.deadline)


def _file(batch: Batch) -> Path:
    return Workspace(Path(batch.workspace)).state / PLANS / f"{batch.plan}.json"


def _ignore(done: int, total: int) -> None:
    """Report nothing."""
