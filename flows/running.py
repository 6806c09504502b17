"""What all steps of a batch share."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from flows.display import Display
from flows.schedulers import Scheduler
from tasks.history import History
from tasks.job import Job
from tasks.stage import Output, Stage, perform
from tasks.tracking import BatchRuns
from tasks.workers import Runner


class Candidates:
    """The requests that will be released, known once each of them is settled.

    Args:
        request_ids: All requests, in the order of the table.
    """

    def __init__(self, request_ids: Iterable[str]) -> None:
        self._settled: dict[str, bool | None] = dict.fromkeys(request_ids)
        self._change = threading.Condition()

    def settle(self, request_id: str, candidate: bool) -> None:
        """Say once and for all whether a request is a candidate; later calls change nothing."""
        with self._change:
            if self._settled[request_id] is None:
                self._settled[request_id] = candidate
                self._change.notify_all()

    def wait(self) -> tuple[str, ...]:
        """Return the candidates, as soon as all requests are settled."""
        with self._change:
            self._change.wait_for(lambda: None not in self._settled.values())
            return tuple(request_id for request_id, candidate in self._settled.items() if candidate)


@dataclass
class Running:
    """A batch under way.

    Attributes:
        job: What is to be done.
        runner: Where stages work.
        history: Where every change of a request's state is written.
        display: Where progress is shown.
        scheduler: Runs steps, several at the same time.
        until: Name of the last stage to be done.
        runs: The batch's runs in MLflow, if it has any.
        retained: Done when the base model was asked about everything that must stay, or could not be.
        candidates: Which requests will be released.
    """

    job: Job
    runner: Runner
    history: History
    display: Display
    scheduler: Scheduler
    until: str = "report"
    runs: BatchRuns | None = None
    retained: Future[None] = field(default_factory=Future)
    candidates: Candidates = field(init=False)
    _under_way: dict[str, threading.Lock] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.candidates = Candidates(self.job.request_ids)

    @property
    def releases(self) -> bool:
        """Whether the batch goes as far as a release."""
        return self.until in ("release", "report")

    def do(self, stage: Stage, subject: str, row: str) -> Output:
        """Do one stage for a subject, or find it done; what another row is at is waited for."""
        on_progress = self.display.stage(row, stage.name)
        with self._under_way.setdefault(f"{stage.name} {stage.digest(self.job, subject)}", threading.Lock()):
            output = self.scheduler.step(
                f"{stage.name} {subject}",
                lambda: perform(stage, self.job, subject, self.runner, on_progress),
            )
        text = f"{stage.name} found" if output.skipped else f"{stage.name} {output.seconds:.1f} s"
        self.display.done(row, text, output.skipped)
        return output
