"""The batch: from the table of erasure requests to a release and a report."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.at_work import at_work
from flows.display import make_display
from flows.explained import explained
from flows.plan import check_base_model, check_input, note_received, only_batch, plan
from flows.release import RELEASE_ROW, release, train_release
from flows.running import Running
from flows.schedulers import Scheduler
from flows.stages import BASE, CONCEPT_STAGES, ask_base_model, forget, refuse
from siu.errors import SiuError, StateError
from siu.storage.workspace import Workspace
from tasks.attack import ATTACK
from tasks.job import without_measurement
from tasks.metrics import write_metrics
from tasks.outcome import Outcome, Released
from tasks.report import SUMMARY, report
from tasks.stage import Output
from tasks.tracking import BatchRuns
from tasks.versioning import commit
from tasks.workers import Runner

STAGES = ("prepare", *(stage.name for stage in CONCEPT_STAGES), "release", "report")


@dataclass
class BatchResult:
    """What came of a batch.

    Attributes:
        outcomes: One per request, in the order of the table; behind them those that were refused at intake.
        released: The release, if any concept was unlearned.
        folder: Where report and summary are; None if the batch ended at an earlier stage.
        failures: Why what serves all requests failed: the base model's questions, or the release.
        notes: What did not go as wished without being a reason to stop.
        seconds: Wall time.
    """

    outcomes: tuple[Outcome, ...] = ()
    released: Released | None = None
    folder: Path | None = None
    failures: tuple[SiuError, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def quarantined(self) -> tuple[Outcome, ...]:
        """The requests that could not be served."""
        return tuple(outcome for outcome in self.outcomes if outcome.error is not None)

    @property
    def unclear(self) -> tuple[Outcome, ...]:
        """The requests about which a person has to decide: the evidence disagrees or doesn't suffice."""
        return tuple(outcome for outcome in self.outcomes if outcome.verdict_name == "unclear")

    @property
    def is_whole(self) -> bool:
        """Whether every request was served, and released where the batch went that far."""
        return not self.quarantined and not self.unclear and not self.failures

    @property
    def skipped(self) -> bool:
        """Whether everything was there already."""
        done = [] if self.released is None else [self.released.output, *self.released.parts.values()]
        found = [*(outcome.skipped for outcome in self.outcomes), *(output.skipped for output in done)]
        return bool(self.outcomes) and not self.failures and all(found)

    def summary(self) -> dict[str, Any]:
        """Read ``summary.json``; empty if the batch ended at an earlier stage."""
        if self.folder is None:
            return {}
        content: dict[str, Any] = json.loads((self.folder / SUMMARY).read_text(encoding="utf-8"))
        return content


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
        scheduler: Who runs the steps.
        requests: Another table than the one named in params.yaml.
        until: The last of `STAGES` to be done.
        tune: Whether rate and steps are searched for, whatever params.yaml says.
        runner: Where the stages work; None for worker processes.

    Raises:
        PreflightError: The parameters have problems, or the table can't be read; nothing was started.
        StateError: Another batch is running, or the workspace is damaged.
    """
    started = time.monotonic()
    with only_batch(workspace):
        params, table = check_input(workspace, requests, tune=tune)
        result = BatchResult()
        if until == "prepare":
            plan(workspace, params, table)
        else:
            history = note_received(workspace, table)
            job = plan(workspace, params, table)
            has_work = not all(ATTACK.find(job, request_id) for request_id in job.request_ids)
            with at_work(job.params.runtime, runner, has_work) as working, make_display() as display:
                if has_work:
                    for line in (*check_base_model(job.params, workspace.root), *without_measurement(job)):
                        display.say(line)
                running = Running(job, working, history, display, scheduler, until)
                result = _tracked(running) if until == "report" else _work_through(running)
        if problem := commit(workspace):
            result.notes += (problem,)
    result.seconds = time.monotonic() - started
    return result


def _tracked(running: Running) -> BatchResult:
    """Do all stages, followed by MLflow."""
    with BatchRuns(running.job, running.scheduler.run_id) as running.runs:
        result = _work_through(running)
    if running.runs.problem is not None:
        result.notes += (running.runs.problem,)
    return result


def _work_through(running: Running) -> BatchResult:
    """Do the stages up to the last one asked for."""
    refused = refuse(running)
    rows = (BASE, *running.job.request_ids, RELEASE_ROW) if running.job.requests else ()
    done = running.scheduler.side_by_side("work on", lambda row: _row(running, row), rows)
    result = BatchResult(
        (*(row for row in done if isinstance(row, Outcome)), *refused),
        failures=tuple(row for row in done if isinstance(row, SiuError)),
        notes=running.job.notes,
    )
    if running.releases and done:
        _release(running, result, done[-1] if isinstance(done[-1], Output) else None)
    if running.until == "report":
        _report(running, result)
    return result


def _release(running: Running, result: BatchResult, trained: Output | None) -> None:
    """Release what was unlearned; where that fails the report says what came of the requests all the same."""
    try:
        result.released = release(running, result.outcomes, trained)
    except StateError:
        raise  # the batch was stopped, or the workspace is unfit: no fault of the release
    except Exception as error:  # noqa: BLE001  # finished concepts must not be lost with it
        reason = explained(error, running.job.workspace, RELEASE_ROW)
        running.display.say(f"no release: {reason}")
        result.failures += (reason,)


def _report(running: Running, result: BatchResult) -> None:
    """Write the report, the metrics that DVC shows, and MLflow's runs."""
    job, display = running.job, running.display
    display.row("report", 1)
    on_progress = display.stage("report", "report")
    result.folder = report(job, result.outcomes, result.released, running.runner, on_progress)
    write_metrics(job, result.outcomes, result.released)
    if running.runs is not None:
        running.runs.close(result.outcomes, result.released, result.folder)
    display.finish("report", "written")


def _row(running: Running, row: str) -> Outcome | Output | SiuError | None:
    """Work on one row of the display: the base model, the release, or a request."""
    if row == RELEASE_ROW:
        return train_release(running)
    if row != BASE:
        return forget(running, row)
    return None if running.until == "construct" else ask_base_model(running)
