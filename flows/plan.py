"""What happens before anything is started: one batch at a time, all input checked, the data prepared."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from flows.quiet import offline_unless
from siu.audit.ledger import Ledger
from siu.errors import StateError
from siu.intake.requests import ErasureRequest, read_requests
from siu.params import Params
from siu.problems import Problems
from siu.store import Store
from siu.workspace import Workspace
from siu.worlds import MODELS
from tasks.attack_questions import attack_questions
from tasks.code import code_digests
from tasks.history import History
from tasks.job import Job, refuse_taken_ids
from tasks.prepare import prepare
from tasks.replaceable import refuse_to_replace
from tasks.versioning import make_output_folders


@contextmanager
def only_batch(workspace: Workspace) -> Iterator[None]:
    """Hold the workspace's batch lock, which the kernel frees when this process ends.

    What processes that were killed left half made among the outputs is removed first.

    Raises:
        StateError: ``E-RUN-004`` another one holds it.
    """
    workspace.state.mkdir(parents=True, exist_ok=True)
    holder = workspace.batch_lock.with_suffix(".holder")
    lock = FileLock(workspace.batch_lock, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        who = holder.read_text(encoding="utf-8") if holder.is_file() else "unknown"
        raise StateError(
            "E-RUN-004",
            f"another batch, study or attack is running here ({who})",
            "Wait until it is done, or end that process",
            str(workspace.root),
        ) from None
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder.write_text(f"process {os.getpid()}, since {since}", encoding="utf-8")
        Store(workspace.artifacts).sweep()
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def check_input(
    workspace: Workspace, requests: str = "", *, tune: bool = False
) -> tuple[Params, tuple[ErasureRequest, ...]]:
    """Return the parameters and requests after every check that needs no library of models.

    Args:
        workspace: Where.
        requests: Another table than the one named in params.yaml.
        tune: Whether rate and steps are searched for, whatever params.yaml says.

    Raises:
        PreflightError: All problems of all files in one go.
    """
    problems = Problems()
    params = Params()
    found: tuple[ErasureRequest, ...] = ()
    with problems.noted():
        params = workspace.params()
    with problems.noted():
        found = read_requests(Path(requests) if requests else workspace.requests_csv(params))
    with problems.noted():
        attack_questions(params, workspace.root)
    with problems.noted():
        refuse_to_replace(workspace, params)
    problems.raise_if_any()
    if tune:
        unlearning = params.unlearning.model_copy(update={"tune": True})
        params = params.model_copy(update={"unlearning": unlearning})
    return params, found


def check_base_model(params: Params, root: Path) -> list[str]:
    """Check the base model, what is to be trained of it, and whether it fits; loads no weights.

    Returns:
        What there is to say before it is loaded: what is trained, and the memory needed.

    Raises:
        ModelError: The model can't be used.
    """
    is_local = params.base_model.source in MODELS or (root / params.base_model.source).exists()
    offline_unless(is_hub_name=not is_local)
    from siu.models.preview import preview

    return preview(params.base_model, params.unlearning, params.runtime, root).lines()


def plan(workspace: Workspace, requests: str = "", *, tune: bool = False) -> Job:
    """Check everything, prepare the data and return the batch; arguments as in `check_input`.

    Raises:
        PreflightError: See `check_input` and `tasks.job.refuse_taken_ids`.
        ModelError: See `check_base_model`.
    """
    params, found = check_input(workspace, requests, tune=tune)
    job = prepared_job(workspace, params, found)
    refuse_taken_ids(job)
    return job


def prepared_job(
    workspace: Workspace, params: Params, requests: tuple[ErasureRequest, ...], *, note_model: bool = True
) -> Job:
    """Check the base model, prepare the data and return the job; the caller holds the batch lock.

    Args:
        workspace: Where.
        params: What a run is told.
        requests: What is asked for.
        note_model: See `tasks.prepare.prepare`.

    Raises:
        ModelError: See `check_base_model`.
    """
    check_base_model(params, workspace.root)
    make_output_folders(workspace)
    prepared = prepare(workspace, params, note_model=note_model)
    return Job(workspace, params, requests, prepared.collection_digest, prepared.base_digest, code_digests())


def note_received(job: Job) -> History:
    """Return what the ledger says, with an entry for each request that it didn't know."""
    history = History(Ledger(job.workspace.ledger))
    for request in job.requests:
        if history.last("received", request.request_id) is None:
            day = request.received.isoformat() if request.received else None
            history.append("received", request.request_id, {"received": day})
    return history
