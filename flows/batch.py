"""The batch: from the table of erasure requests to a release and a report."""

import time

from flows.arrivals import Arrivals
from flows.at_work import at_work
from flows.batch_result import BatchResult as BatchResult
from flows.chain import Chain
from flows.left_runs import end_left_runs
from flows.orchestration.pages import show_pages
from flows.orchestration.schedulers import Pending, Scheduler
from flows.plan import check_base_model, check_input, plan
from flows.terminal.display import make_display
from siu.audit.ledger import Ledger
from siu.config.params import RuntimeParams
from siu.data.requests.life import request_states
from siu.storage.workspace import Workspace
from tasks.attack import ATTACK
from tasks.batch_lock import only_batch
from tasks.channels import channels
from tasks.committing import commit_to_requests, keep_parameters
from tasks.handle import Results
from tasks.job import Job, with_few_retained, without_measurement
from tasks.notify import messages, send
from tasks.runtime.place import placed
from tasks.runtime.workers import Runner
from tasks.stages import STEPS
from tasks.subjects import RETAINED
from tasks.tracking.batch import following
from tasks.versioning.commit import commit
from tasks.work_list import deadline_of, in_due_order, in_window, note_received, note_work, with_overdue

STAGES = STEPS
HERE = RuntimeParams(runner="threads", workers=1)
"""The ledger, MLflow and DVC are written by the flow's process alone, whatever runs the stages."""


def submit_batch(chain: Chain, requests: tuple[str, ...], order: tuple[str, ...]) -> list[Pending]:
    """Submit the tasks of a batch, each with what it waits for; with `submit_report` this is the whole chain.

    Every stage of all requests comes before the next one, so that no thread waits for a task behind it.

    Args:
        chain: Takes the tasks.
        requests: In the order of the table, in which a release has its members.
        order: The same in the order of work.

    Returns:
        What a report waits for.
    """
    from tasks import chain as tasks  # Prefect reads where its state lies when it is imported

    submit = chain.submit
    data = {request: submit(tasks.construct, request) for request in order}
    known = {request: submit(tasks.before, request, data[request]) for request in order}
    retained = submit(tasks.before, RETAINED)
    is_one = len(requests) == 1  # then its own adapter is the release: nothing is trained twice
    beside = None if is_one else submit(tasks.train_release, [known[request] for request in requests])
    adapters = {request: submit(tasks.unlearn, request, known[request]) for request in order}
    early = beside or submit(tasks.train_release, [adapters[request] for request in requests])
    measured = {request: submit(tasks.evaluate, request, adapters[request], retained) for request in order}
    attacked = {request: submit(tasks.attack, request, measured[request]) for request in order}
    stages = (data, known, adapters, measured, attacked)
    verdicts = [submit(tasks.assess, request, [stage[request] for stage in stages]) for request in requests]

    release = submit(tasks.release, early, verdicts)
    others = submit(tasks.released_answers, RETAINED, release)
    answers = {
        request: submit(tasks.released_answers, request, release, line=f"release {request}")
        for request in requests
    }
    scores = [
        submit(tasks.released, request, answers[request], others, line=f"release {request}")
        for request in requests
    ]
    replayed = submit(tasks.replay, release, [others, *answers.values()], scores)
    return [*verdicts, submit(tasks.deploy, release, scores, replayed)]


def submit_report(chain: Chain, results: Results, ends: list[Pending]) -> None:
    """Submit what shows a batch, now that the ledger says what came of it.

    Args:
        chain: Takes the tasks; it runs them in this process.
        results: What came of the batch.
        ends: What `submit_batch` has returned.
    """
    from tasks import chain as tasks

    written = chain.submit(tasks.report, results, after=ends)
    chain.submit(tasks.record, results, written)
    chain.submit(tasks.version, written)


def run_batch(
    workspace: Workspace,
    scheduler: Scheduler,
    *,
    requests: str = "",
    until: str = "report",
    tune: bool = False,
    runner: Runner | None = None,
) -> BatchResult:
    """Run a batch: plan → concepts side by side → release → report → DVC and MLflow.

    Args:
        workspace: Where.
        scheduler: Who runs the tasks.
        requests: Another table than the one named in params.yaml.
        until: The last of `STAGES` to be done.
        tune: Whether rate and steps are searched for, whatever params.yaml says.
        runner: Where the stages work; None for worker processes.

    Raises:
        PreflightError: The parameters have problems, or the table can't be read; nothing was started.
        StateError: Another batch is running, or the workspace is damaged.
    """
    started = time.monotonic()
    job: Job | None = None
    with only_batch(workspace) as altered:
        end_left_runs(workspace, scheduler.run_id)
        params, table = check_input(workspace, requests, tune=tune)
        result = BatchResult()
        if until == "prepare":
            plan(workspace, params, table)
            result.notes = tuple(filter(None, [commit(workspace)]))
        else:
            history = note_received(workspace, table)
            job = with_overdue(in_window(plan(workspace, params, table), history))
            note_work(job, history)
            keep_parameters(job, history)
            commit_to_requests(job, history, table)
            has_work = not all(ATTACK.find(job, request_id) for request_id in job.request_ids)
            work_here = has_work and job.params.runtime.runner == "threads"
            with at_work(job.params.runtime, runner, work_here) as working, make_display() as display:
                if has_work:
                    for line in check_base_model(job.params, workspace.root):
                        display.say(line)
                    for line in (*without_measurement(job), *with_few_retained(job)):
                        display.say(line)
                with following(job, scheduler.run_id if until == STEPS[-1] else None) as runs:
                    arrivals = Arrivals(job, history, display, until, runs)
                    with (
                        placed(job, working, display, runs, deadline_of(job, history)) as batch,
                        scheduler.pool(job.params.runtime) as pool,
                        scheduler.pool(HERE) as here,
                    ):
                        ends: list[Pending] = []
                        chain, last = (Chain(tasks, batch, job, until) for tasks in (pool, here))
                        if job.requests:
                            ends = submit_batch(chain, job.request_ids, in_due_order(job, history))
                        for name, handle in chain.arrivals():
                            arrivals.take(name, handle)
                        result, results = arrivals.result()
                        submit_report(last, results, ends)
                        for _, handle in last.arrivals():
                            arrivals.close(result, handle)
                if runs is not None and runs.problem is not None:
                    result.notes += (runs.problem,)
                show_pages(scheduler, result)
        result.notes += altered
    if job is not None and (undelivered := _notified(job, result)):
        result.notes += (undelivered,)
    result.seconds = time.monotonic() - started
    return result


def _notified(job: Job, result: BatchResult) -> str:
    """Tell whoever is to be told of a batch that was reported; return what went wrong.

    The caller holds no lock: who is slow to take a message keeps nobody from working.
    """
    notify, policy = job.params.notify, job.params.policy
    if result.folder is None or not channels(notify):
        return ""
    days = policy.warn_days if notify.days_before is None else notify.days_before
    states = request_states(Ledger(job.workspace.ledger).entries(), policy)
    return send(messages(result.outcomes, result.release, states, days), notify)
