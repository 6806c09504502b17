"""What shows a batch once the ledger says what came of it: its report, MLflow's runs, DVC's commit.

It is done in the flow's process, whatever runs the stages: one process writes the ledger, MLflow and DVC.
"""

from siu.errors import SiuError
from tasks.deadline import DEFERRED
from tasks.handle import Batch, Handle, Results, behind
from tasks.job import Job
from tasks.outcome import Outcome, Released
from tasks.report import report
from tasks.runtime.place import place_of
from tasks.settle import RETRIES, WORKER_DIED, is_tried_again, outcome_of, released_of
from tasks.stages import REPORT
from tasks.subjects import REPORT_ROW, WHOLE_BATCH
from tasks.summary import batch_id
from tasks.versioning.commit import commit
from tasks.versioning.metrics import write_metrics

RECORD, VERSION = "record", "version"
RECORD_RETRIES, RECORD_DELAY = 2, 2.0
"""MLflow's database may be locked by its page or by another batch."""


class NotRecordedError(Exception):
    """MLflow was not told everything, and Prefect will try again."""


def outcomes_of(job: Job, results: Results, *, are_assessed: bool = True) -> tuple[Outcome, ...]:
    """Return what came of each request of the table, followed by those refused at intake."""
    outcomes = []
    for request_id, stages in zip(job.request_ids, results.requests, strict=True):
        outcome = outcome_of(job, request_id, stages)
        if outcome.codes == (DEFERRED,):  # the next batch takes it
            continue
        if are_assessed and outcome.error is None:
            outcome.assess(job)
        outcomes.append(outcome)
    refused = (Outcome(request.request_id, error=request.error) for request in job.refused)
    return (*outcomes, *refused)


def reported(batch: Batch, results: Results) -> Handle:
    """Write report, summary and the metrics that DVC compares.

    Raises:
        ConceptError: ``E-RUN-001`` the worker died, while Prefect will try again.
    """
    try:
        place = place_of(batch)
        outcomes, released = _came_of(place.job, results)
        on_progress = place.watch.stage(REPORT_ROW, REPORT.name)
        folder = report(place.job, outcomes, released, place.runner, on_progress)
        write_metrics(place.job, outcomes, released)
    except SiuError as error:
        if error.code == WORKER_DIED and is_tried_again(RETRIES):
            raise
        return Handle(REPORT.name, WHOLE_BATCH, error=error)
    return Handle(REPORT.name, WHOLE_BATCH, folder.name)


def recorded(batch: Batch, results: Results, written: Handle) -> Handle:
    """Close the batch's runs in MLflow, and wait until it has been told.

    Raises:
        NotRecordedError: It was not, while Prefect will try again; in the end the next batch tells it.
    """
    place = place_of(batch)
    if place.runs is None:
        return Handle(RECORD, WHOLE_BATCH, goes_on=False)
    if left_out := behind(RECORD, WHOLE_BATCH, (written,)):
        return left_out
    place.runs.close(*_came_of(place.job, results), place.job.workspace.reports / written.plan)
    problem = place.runs.told()
    if problem is not None and is_tried_again(RECORD_RETRIES):
        raise NotRecordedError(problem)
    return Handle(RECORD, WHOLE_BATCH, batch_id(place.job) if problem is None else "")


def versioned(batch: Batch, written: Handle | None) -> Handle:
    """Commit what DVC versions; a batch that ends before its report commits as well."""
    if left_out := behind(VERSION, WHOLE_BATCH, (written,) if written is not None else ()):
        return left_out
    place = place_of(batch)
    problem = commit(place.job.workspace)
    return Handle(VERSION, WHOLE_BATCH, "" if problem else batch_id(place.job), note=problem or "")


def not_recorded(_task: object, _run: object, state: object) -> bool:
    """Tell Prefect whether MLflow is worth another try."""
    from prefect.states import get_state_exception

    return isinstance(get_state_exception(state), NotRecordedError)  # type: ignore[arg-type]


def _came_of(job: Job, results: Results) -> tuple[tuple[Outcome, ...], Released | None]:
    released = None if results.release is None else released_of(job, results.release, results.scores)
    return outcomes_of(job, results), released
