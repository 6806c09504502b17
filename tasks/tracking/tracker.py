"""MLflow beside a batch: runs are begun when their training starts, losses arrive live, ends are recorded.

One thread talks to MLflow, so that nobody waits for it; what it can't tell is kept (`record`) and
told by the next run of whatever batch. MLflow's faults never reach the batch.
"""

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from siu.config.params import TrackingParams
from siu.storage.workspace import Workspace
from tasks.tracking.live_losses import LiveTrainings, Training
from tasks.tracking.record import Record, Records, RunRecord
from tasks.tracking.runs import TRAINING, MlflowRuns

TURN_SECONDS = 1.0
TUNING = "tuning."
RunsOf = Callable[[Training], Sequence[RunRecord]]
"""Returns the run of a training, as far as it is known when it begins, after those above it; or none."""


def no_runs(_: Training) -> Sequence[RunRecord]:
    """Follow no training."""
    return ()


@dataclass
class _Live:
    """A run whose training is watched."""

    run_id: str
    steps: int = 0

    def send(self, runs: MlflowRuns, rows: Sequence[Mapping[str, Any]], *, tuned: bool) -> None:
        """Log some steps; those of tries, which are many trainings, are counted through."""
        if tuned:
            rows = [{**row, "step": self.steps + number} for number, row in enumerate(rows, 1)]
        else:  # a training that is begun again after its worker died repeats steps
            rows = [row for row in rows if row["step"] > self.steps]
        if rows:
            self.steps = int(rows[-1]["step"])
            runs.losses(self.run_id, rows, TUNING if tuned else TRAINING)


class Tracker:
    """A context in which runs are followed; leaving it waits until MLflow has been told.

    Args:
        workspace: Whose runs.
        params: Where MLflow is.
        runs_of: Called in another thread.
        tuned: Whether each training is many, of which the best counts.

    Attributes:
        problem: Why MLflow was not told everything; None if it was, or as long as it isn't known.
    """

    def __init__(
        self,
        workspace: Workspace,
        params: TrackingParams,
        runs_of: RunsOf = no_runs,
        *,
        tuned: bool = False,
    ) -> None:
        self.problem: str | None = None
        self._workspace, self._params = workspace, params
        self._runs_of, self._tuned = runs_of, tuned
        self._records = Records(workspace.tracking)
        self._trainings = LiveTrainings(workspace.tracking)
        self._runs: MlflowRuns | None = None
        self._live: dict[str, _Live] = {}
        self._begun: set[str] = set()
        self._kept = "it is kept below state/tracking, and the next run tells it"
        self._new: queue.SimpleQueue[Record] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._asked: queue.SimpleQueue[threading.Event] = queue.SimpleQueue()
        self._closing = False
        self._thread = threading.Thread(target=self._follow, name="mlflow", daemon=True)

    def record(self, record: Record) -> None:
        """Keep a record; MLflow is told soon, also where the disk is full."""
        try:
            self._records.add(record)
        except OSError:
            self._kept = "it could not be kept either, and is told when the batch is run again"
        self._new.put(record)
        self._wake.set()

    def told(self) -> str | None:
        """Wait for a turn, also where one went wrong before; return why MLflow was not told everything."""
        turned = threading.Event()
        self._asked.put(turned)
        self._wake.set()
        turned.wait()
        return self.problem

    def __enter__(self) -> "Tracker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self._wake.set()
        self._thread.join()

    def _follow(self) -> None:
        """Take turns until the context is left, with one more then."""
        while not self._closing:
            self._wake.wait(TURN_SECONDS)
            self._wake.clear()
            questions = [self._asked.get() for _ in range(self._asked.qsize())]
            if self.problem is None or questions:
                self.turn()
            for turned in questions:
                turned.set()
        self.turn()
        self._end_begun()

    def turn(self) -> None:
        """Tell MLflow what there is to tell now; what goes wrong becomes `problem`."""
        try:
            trainings = self._trainings.new_rows()
            if self._runs is None and not trainings and self._new.empty() and self._records.empty:
                return  # nothing to tell: MLflow isn't even loaded
            runs = self._connected()
            for training, rows in trainings:
                self._follow_training(runs, training, rows)
            while not self._new.empty():
                runs.tell(self._new.get())
            runs.push_waiting(self._records)
            self.problem = None
        except Exception as error:  # noqa: BLE001  # of MLflow, SQLAlchemy, SQLite, the network, the disk
            self.problem = f"not in MLflow yet: {type(error).__name__}; {self._kept}"

    def _follow_training(
        self, runs: MlflowRuns, training: Training, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Log new steps into the run of a training, which is begun when it is first seen."""
        if training.plan not in self._live:
            for record in self._runs_of(training):
                run_id, is_new = runs.open(record)
                self._begun.add(record.key)
                self._live[training.plan] = _Live(run_id if is_new else "")
        live = self._live.get(training.plan)
        if live is not None and live.run_id:
            live.send(runs, rows, tuned=self._tuned)

    def _end_begun(self) -> None:
        """Mark as killed what has come to no end; what has is not touched."""
        if self._runs is None:
            return
        with suppress(Exception):  # the next run marks it
            for key in self._begun:
                self._runs.end(key, "KILLED")

    def _connected(self) -> MlflowRuns:
        if self._runs is None:
            self._runs = MlflowRuns(self._workspace, self._params)
            self._runs.end_left_runs()
        return self._runs


def tell(workspace: Workspace, params: TrackingParams, records: list[Record]) -> str | None:
    """Record runs and tell MLflow; return why that was not possible, or None."""
    with Tracker(workspace, params) as tracker:
        for record in records:
            tracker.record(record)
    return tracker.problem
