"""The batch: from the table of erasure requests to a release and a report."""

import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.display import make_display
from flows.interrupt import stopped_by_ctrl_c
from flows.plan import note_received, only_batch, plan
from flows.schedulers import Scheduler
from flows.stages import BASE, CONCEPT_STAGES, Running, ask_base_model, forget, release
from siu.workspace import Workspace
from tasks.metrics import write_metrics
from tasks.outcome import Outcome, Released
from tasks.report import SUMMARY, report
from tasks.tracking import track
from tasks.versioning import commit
from tasks.workers import Workers

STAGES = ("prepare", *(stage.name for stage in CONCEPT_STAGES), "release", "report")


@dataclass
class BatchResult:
    """What came of a batch.

    Attributes:
        outcomes: One per request, in the order of the table.
        released: The release, if any concept was unlearned.
        folder: Where report and summary are; None if the batch ended at an earlier stage.
        notes: What did not go as wished without being a reason to stop.
        seconds: Wall time.
    """

    outcomes: tuple[Outcome, ...] = ()
    released: Released | None = None
    folder: Path | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def quarantined(self) -> tuple[Outcome, ...]:
        """The requests that could not be served."""
        return tuple(outcome for outcome in self.outcomes if outcome.error is not None)

    @property
    def skipped(self) -> bool:
        """Whether everything was there already."""
        done = [] if self.released is None else [self.released.output, *self.released.parts.values()]
        found = [*(outcome.skipped for outcome in self.outcomes), *(output.skipped for output in done)]
        return bool(self.outcomes) and all(found)

    def summary(self) -> dict[str, Any]:
        """Read ``summary.json``; empty if the batch ended at an earlier stage."""
        if self.folder is None:
            return {}
        content: dict[str, Any] = json.loads((self.folder / SUMMARY).read_text(encoding="utf-8"))
        return content


def run_batch(
    workspace: Workspace, scheduler: Scheduler, *, requests: str = "", until: str = "report"
) -> BatchResult:
    """Run a batch: plan → concepts side by side → release → report → DVC and MLflow.

    Args:
        workspace: Where.
        scheduler: Who runs the steps.
        requests: Another table than the one named in params.yaml.
        until: The last of `STAGES` to be done.

    Raises:
        PreflightError: Parameters or requests have problems; nothing was started.
        StateError: Another batch is running, or the workspace is damaged.
    """
    started = time.monotonic()
    with only_batch(workspace):
        job = plan(workspace, requests)
        result = BatchResult()
        if until != "prepare":
            runtime = job.params.runtime
            with (
                Workers(runtime.workers, runtime.threads, runtime.device) as workers,
                stopped_by_ctrl_c(workers),
                make_display() as display,
            ):
                running = Running(job, workers, note_received(job), display, scheduler, until)
                if not running.all_found():
                    threading.Thread(target=workers.start, daemon=True).start()
                result = _work_through(running)
        if problem := commit(workspace):
            result.notes += (problem,)
    result.seconds = time.monotonic() - started
    return result


def _work_through(running: Running) -> BatchResult:
    """Do the stages up to the last one asked for."""
    job, scheduler = running.job, running.scheduler
    rows = scheduler.side_by_side("forget", lambda row: _row(running, row), (BASE, *job.request_ids))
    result = BatchResult(tuple(outcome for outcome in rows if outcome is not None))
    if running.until not in ("release", "report"):
        return result
    result.released = release(running, result.outcomes)
    if running.until == "release":
        return result
    quietly = running.display.stage("report", "report")
    result.folder = report(job, result.outcomes, result.released, running.runner, quietly)
    write_metrics(job, result.outcomes, result.released)
    if problem := track(job, result.outcomes, result.folder, scheduler.run_id):
        result.notes += (problem,)
    return result


def _row(running: Running, row: str) -> Outcome | None:
    if row == BASE:
        ask_base_model(running)
        return None
    return forget(running, row)
