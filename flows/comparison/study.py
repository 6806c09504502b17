"""`siu compare`: every method of a study on every concept with every seed, on equal budgets."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from flows.at_work import at_work
from flows.comparison.pieces import Piece, Pieces
from flows.comparison.plan import plan_comparison
from flows.comparison.progress import make_progress
from flows.left_runs import end_left_runs
from flows.orchestration.schedulers import Scheduler
from siu.comparison.design import Run
from siu.comparison.result import RunResult
from siu.comparison.table import Table, make_table
from siu.errors import ConceptError, SiuError
from siu.storage.workspace import Workspace
from tasks.answers import BEFORE, RETAINED
from tasks.attack import ATTACK
from tasks.batch_lock import only_batch
from tasks.comparison.output import write_comparison
from tasks.comparison.runs import Comparison, refuse_unknown, result_of
from tasks.construct import CONSTRUCT
from tasks.evaluate import EVALUATE
from tasks.job import Job
from tasks.runtime.workers import Runner
from tasks.stage import Stage
from tasks.subjects import Retained
from tasks.tracking.comparison import track_comparison
from tasks.unlearn import UNLEARN
from tasks.versioning.commit import commit


@dataclass
class ComparisonResult:
    """What came of a study.

    Attributes:
        comparison: The study as it was run.
        results: One per run, in the order of the design.
        table: Means, intervals and differences.
        skipped: Whether everything was there already.
        notes: What did not go as wished without being a reason to stop.
        seconds: Wall time.
    """

    comparison: Comparison
    results: tuple[RunResult, ...]
    table: Table
    skipped: bool
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def failed(self) -> tuple[RunResult, ...]:
        """The runs that left nothing, with their reasons."""
        return tuple(result for result in self.results if result.status == "failed")


def run_comparison(
    workspace: Workspace,
    scheduler: Scheduler,
    study: str,
    *,
    only: Sequence[str] = (),
    runner: Runner | None = None,
) -> ComparisonResult:
    """Run a study: data and base model's answers → tuning → runs → table, page, MLflow.

    Args:
        workspace: Where.
        scheduler: Who runs the steps.
        study: A ready study's name, or the path of a YAML file.
        only: Methods to run; of the others only what is there already is shown. All if empty.
        runner: Where the stages work; None for worker processes.

    Raises:
        PreflightError: Parameters or the study have problems; nothing was started.
        StateError: A batch or a study is running here, or the workspace is damaged.
    """
    started = time.monotonic()
    with only_batch(workspace):
        end_left_runs(workspace, scheduler.run_id)
        comparison = plan_comparison(workspace, study, only)
        runtime = comparison.job.params.runtime
        with at_work(runtime, runner, has_work=False) as working, make_progress() as progress:
            pieces = Pieces(workspace, working, scheduler, progress)
            results = _results(comparison, pieces)
        table = make_table(results, comparison.study)
        write_comparison(comparison, results, table)
        result = ComparisonResult(comparison, results, table, skipped=not pieces.done)
        notes = (track_comparison(comparison, results, table, scheduler.run_id), commit(workspace))
        result.notes = tuple(note for note in notes if note)
    result.seconds = time.monotonic() - started
    return result


def _results(comparison: Comparison, pieces: Pieces) -> tuple[RunResult, ...]:
    """Do what is missing of the chosen methods and return what all runs left."""
    runs = comparison.design.runs(tuple(comparison.study.methods))
    stages = (UNLEARN, EVALUATE) if comparison.study.attacks is None else (UNLEARN, EVALUATE, ATTACK)
    tuning = {
        Run(method, case): comparison.tuning_job(method, case)
        for method in comparison.study.methods
        for case in comparison.design.tuning_cases
    }
    data = tuning | {run: comparison.data_job(run) for run in runs}
    pieces.work_on("prepare", _data_missing(_chosen(comparison, data), pieces))
    pieces.work_on("tune", _missing(_chosen(comparison, tuning), (UNLEARN,), pieces))
    settings = {method: comparison.settings(method) for method in comparison.study.methods}
    jobs = {run: comparison.job_of(run, chosen) for run in runs if (chosen := settings[run.method])}
    pieces.work_on("run", _missing(_chosen(comparison, jobs), stages, pieces))
    reasons = _untuned(tuning, pieces)
    return tuple(
        result_of(run, jobs[run], _reason(run, jobs[run], stages[-1], pieces), stages)
        if run in jobs
        else result_of(run, None, reasons.get(run.method), stages)
        for run in runs
    )


def _chosen(comparison: Comparison, jobs: dict[Run, Job]) -> dict[Run, Job]:
    return {run: job for run, job in jobs.items() if run.method in comparison.methods}


def _data_missing(jobs: dict[Run, Job], pieces: Pieces) -> list[Piece]:
    """Return what every method needs: the fine-tuning data and the base model's answers, each once."""
    missing = []
    for run, job in jobs.items():
        for subject in (RETAINED, run.case.concept):
            if BEFORE.find(job, subject) is None:
                missing.append(_data(run, job, subject, pieces))
    return missing


def _data(run: Run, job: Job, subject: str | Retained, pieces: Pieces) -> Piece:
    is_retained = isinstance(subject, Retained)
    label = str(subject) if is_retained else str(run.case)

    def work() -> None:
        if not is_retained:
            pieces.do(CONSTRUCT, job, subject, label)
        pieces.do(BEFORE, job, subject, label)

    return Piece(BEFORE.digest(job, subject), label, work)


def _missing(jobs: dict[Run, Job], stages: tuple[Stage, ...], pieces: Pieces) -> list[Piece]:
    """Return the jobs whose last stage is not published and that nothing speaks against."""
    last = stages[-1]
    return [
        _staged(run, job, stages, pieces)
        for run, job in jobs.items()
        if last.find(job, run.case.concept) is None and _reason(run, job, last, pieces) is None
    ]


def _staged(run: Run, job: Job, stages: tuple[Stage, ...], pieces: Pieces) -> Piece:
    def work() -> None:
        for stage in stages:
            pieces.do(stage, job, run.case.concept, str(run))

    return Piece(stages[-1].digest(job, run.case.concept), str(run), work)


def _untuned(tuning: dict[Run, Job], pieces: Pieces) -> dict[str, SiuError]:
    """Return why methods could not be tuned: one case that failed is reason enough."""
    reasons = ((run.method, _reason(run, job, UNLEARN, pieces)) for run, job in tuning.items())
    return {method: reason for method, reason in reasons if reason is not None}


def _reason(run: Run, job: Job, last: Stage, pieces: Pieces) -> SiuError | None:
    """Return why a run can't be done or was not; None where nothing speaks against it."""
    subject = run.case.concept
    keys = (BEFORE.digest(job, RETAINED), BEFORE.digest(job, subject), last.digest(job, subject))
    for key in keys:
        if key in pieces.errors:
            return pieces.errors[key]
    if BEFORE.find(job, subject) is None:  # not asked for, with --only
        return None
    try:
        refuse_unknown(job, subject)
    except ConceptError as error:
        return error
    return None
