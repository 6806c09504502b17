"""One stage of one subject, settled: done, found, left out, or with the error that takes the subject out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from siu.errors import ConceptError, SiuError
from siu.storage.workspace import Workspace
from tasks.answers import knowledge
from tasks.bound import refuse_changed_output
from tasks.deadline import DEFERRED
from tasks.deploy import lay_out
from tasks.handle import Batch, Handle, behind, handle_of
from tasks.job import Job
from tasks.outcome import Outcome, Released
from tasks.release import RELEASE
from tasks.runtime.explained import explained
from tasks.runtime.place import place_of
from tasks.stage import Stage, left_by, published
from tasks.subjects import Release, ReleasePart, Retained, Subject, row_of
from tasks.unlearn import UNLEARN
from tasks.withdrawal import publish_unless_withdrawn, refuse_withdrawn

WORKER_DIED = "E-RUN-001"
RETRIES = 1
"""A worker that died is given one more try: memory may have been short for a moment."""


def settle(stage: Stage, batch: Batch, subject: Subject, *before: Handle | None) -> Handle:
    """Do a stage for a subject, or find it done; an error is part of the handle.

    Args:
        stage: What is done.
        batch: In which batch.
        subject: For whom.
        before: What came of the stages that it reads.

    Raises:
        ConceptError: ``E-RUN-001`` the worker died, while Prefect will try again.
    """
    if _is_nothing(subject):
        return Handle(stage.name, subject, goes_on=False)
    left_out = behind(stage.name, subject, tuple(handle for handle in before if handle is not None))
    if left_out is not None:
        return left_out
    try:
        place = place_of(batch)
        refuse_withdrawn(place.job.workspace, subject)
        on_progress = place.watch.stage(row_of(subject), stage.name)
        output = published(stage, place.job, subject)
        if output is None:
            place.runner.run(publish_unless_withdrawn, stage, place.job, subject, on_progress=on_progress)
            output = left_by(stage, place.job, subject)
        else:
            refuse_changed_output(place.job, output)
        return handle_of(output, subject)
    except Exception as error:  # noqa: BLE001  # whatever happens to one subject must not take others with it
        return _failed(stage.name, batch, subject, error)


def with_knowledge(batch: Batch, handle: Handle) -> Handle:
    """Return the base model's answers with whether anything follows: a concept that it knows is unlearned.

    The error ``E-REQ-030`` says that it gives the request's picture another concept's name.
    """
    if not handle.plan or isinstance(handle.subject, Retained):
        return handle
    checked = _kept(handle.stage, batch, handle.subject, lambda: _with_knowledge(batch, handle))
    return replace(handle, error=checked.error, goes_on=checked.goes_on)


def verdict(batch: Batch, request_id: str, stages: Sequence[Handle]) -> Handle:
    """Return the handle of a request's verdict, which is derived and no output of its own."""
    for handle in stages:
        if handle.error is not None:
            return Handle("verdict", request_id, error=handle.error)

    def assessed() -> Handle:
        job = place_of(batch).job
        refuse_withdrawn(job.workspace, request_id)
        outcome = outcome_of(job, request_id, stages)
        outcome.assess(job)
        plan = [handle.plan for handle in stages if handle.plan][-1]
        return Handle("verdict", request_id, plan, outcome.skipped, goes_on=outcome.unlearned)

    return _kept("verdict", batch, request_id, assessed)


def deferred(batch: Batch, known: Handle) -> Handle | None:
    """Return the handle of a request that it is too late to begin with; None where there is time."""
    if known.error is not None or not known.plan or not known.goes_on:
        return None
    place, request_id = place_of(batch), str(known.subject)
    if place.deadline is None or not place.deadline.has_passed_for(request_id):
        return None
    if published(UNLEARN, place.job, request_id) is not None:
        return None
    what = f"batch.deadline ({place.job.params.batch.deadline}) passed before its training began"
    error = ConceptError(DEFERRED, what, "The next batch takes it", f"request {request_id}")
    return Handle(UNLEARN.name, request_id, error=error)


def outcome_of(job: Job, request_id: str, stages: Sequence[Handle]) -> Outcome:
    """Return what came of a request as far as its stages say."""
    outputs = {handle.stage: handle.output(job) for handle in stages if handle.plan}
    errors = [handle.error for handle in stages if handle.error is not None]
    return Outcome(request_id, outputs, error=errors[0] if errors else None)


def passed_on(batch: Batch, early: Handle, wanted: Release) -> Handle | None:
    """Return the adapter that was trained early if it is the wanted one."""
    if not early.plan or early.plan != RELEASE.digest(place_of(batch).job, wanted):
        return None
    return replace(early, subject=wanted)


def deployed(batch: Batch, adapter: Handle, scores: Sequence[Handle]) -> Handle:
    """Lay a release that was measured and replayed out where it can be deployed from."""

    def done() -> Handle:
        job = place_of(batch).job
        refuse_withdrawn(job.workspace, adapter.subject)
        lay_out(job, released_of(job, adapter, scores))
        outputs = (adapter, *(score for score in scores if score.plan))
        return replace(adapter, stage="deploy", skipped=all(handle.skipped for handle in outputs))

    return _kept("deploy", batch, adapter.subject, done)


def released_of(job: Job, adapter: Handle, scores: Sequence[Handle]) -> Released:
    """Return the release with its measurements and verdicts."""
    parts = {
        str(score.subject.part): score.output(job)
        for score in scores
        if score.plan and isinstance(score.subject, ReleasePart)
    }
    assert isinstance(adapter.subject, Release)
    released = Released(adapter.subject, adapter.output(job), parts)
    released.assess(job)
    return released


def worker_died(_task: object, _run: object, state: object) -> bool:
    """Tell Prefect whether a task that failed is worth another try."""
    from prefect.states import get_state_exception

    error: object = get_state_exception(state)  # type: ignore[arg-type]
    return isinstance(error, SiuError) and bool(error.code == WORKER_DIED)


def _kept(stage: str, batch: Batch, subject: Subject, work: Callable[[], Handle]) -> Handle:
    """Return what the work returns, or the handle of its error."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001  # as in `settle`
        return _failed(stage, batch, subject, error)


def _failed(stage: str, batch: Batch, subject: Subject, error: Exception) -> Handle:
    """Return the handle of an error; where Prefect will try again the error is raised."""
    if getattr(error, "code", "") == WORKER_DIED and is_tried_again(RETRIES):
        raise error
    return Handle(stage, subject, error=explained(error, Workspace(Path(batch.workspace)), row_of(subject)))


def _with_knowledge(batch: Batch, handle: Handle) -> Handle:
    job, request_id = place_of(batch).job, str(handle.subject)
    known = knowledge(handle.output(job).folder)
    if known.picture_named and not job.request(request_id).force:
        raise ConceptError(
            "E-REQ-030",
            f"the base model calls this picture “{known.picture_named}”: did you mean that concept?",
            "Correct the name or the picture; if both are right, set `force`",
            f"request {request_id}",
        )
    return replace(handle, goes_on=known.state(job.params.gates.known) == "known")


def _is_nothing(subject: Subject) -> bool:
    """Return whether a release is empty, or a request is no part of it."""
    if isinstance(subject, ReleasePart):
        return subject not in subject.release.parts
    return isinstance(subject, Release) and not subject.request_ids


def is_tried_again(retries: int) -> bool:
    """Return whether Prefect will run this task once more if it fails; without Prefect nobody does."""
    from prefect.runtime import task_run

    return bool(0 < task_run.run_count <= retries)
