"""MLflow beside a batch: runs are begun when their training starts, losses arrive live, ends are recorded.

One thread talks to MLflow, so that nobody waits for it; what it can't tell is kept (`tasks.run_record`) and
told by the next run of whatever batch. MLflow's faults never reach the batch.
"""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress

from siu.config.params import TrackingParams
from siu.storage.workspace import Workspace
from tasks.live_losses import Watched
from tasks.mlflow_runs import TRAINING, MlflowRuns
from tasks.run_record import Record, Records, RunRecord

TURN_SECONDS = 1.0
TUNING = "tuning."


class _Live:
    """A run whose training is watched."""

    def __init__(self, run_id: str, watched: Watched, *, tuned: bool) -> None:
        self.run_id, self._watched, self._tuned, self._step = run_id, watched, tuned, 0

    def send(self, runs: MlflowRuns) -> None:
        """Log the steps since the last time; those of tries, many trainings, are counted through."""
        rows = self._watched.new_rows()
        if self._tuned:
            rows = [{**row, "step": self._step + number} for number, row in enumerate(rows, 1)]
            self._step += len(rows)
        if rows:
            runs.losses(self.run_id, rows, TUNING if self._tuned else TRAINING)


class Tracker:
    """A context in which runs are followed; leaving it waits until MLflow has been told.

    Args:
        workspace: Whose runs.
        params: Where MLflow is.

    Attributes:
        problem: Why MLflow was not told everything; None if it was, or as long as it isn't known.
    """

    def __init__(self, workspace: Workspace, params: TrackingParams) -> None:
        self.problem: str | None = None
        self._workspace, self._params = workspace, params
        self._records = Records(workspace.tracking)
        self._runs: MlflowRuns | None = None
        self._live: dict[str, _Live] = {}
        self._begun: set[str] = set()
        self._orders: queue.SimpleQueue[Callable[[MlflowRuns], None]] = queue.SimpleQueue()
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._follow, name="mlflow", daemon=True)

    def begin(self, record: RunRecord, watched: Watched | None = None, *, tuned: bool = False) -> None:
        """Begin a run, as far as it is known; its training may be watched."""

        def order(runs: MlflowRuns) -> None:
            run_id, is_new = runs.open(record)
            self._begun.add(record.key)
            if watched is not None and is_new:
                self._live[record.key] = _Live(run_id, watched, tuned=tuned)

        self._orders.put(order)

    def record(self, record: Record) -> None:
        """Keep a record; MLflow is told soon.

        Raises:
            OSError: It can't be written.
        """
        self._records.add(record)

        def order(runs: MlflowRuns) -> None:
            if isinstance(record, RunRecord) and record.key in self._live:
                self._live.pop(record.key).send(runs)
            runs.tell(record)

        self._orders.put(order)
        self._wake.set()

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
            if self.problem is None:
                self.turn()
        self.turn()
        self._end_begun()

    def turn(self) -> None:
        """Tell MLflow what there is to tell now; what goes wrong becomes `problem`."""
        try:
            runs = self._connected()
            if runs is None:
                return
            while not self._orders.empty():
                self._orders.get()(runs)
            for live in self._live.values():
                live.send(runs)
            runs.push_waiting(self._records)
            self.problem = None
        except Exception as error:  # noqa: BLE001  # of MLflow, SQLAlchemy, SQLite, the network, the disk
            what = f"not in MLflow yet: {type(error).__name__}"
            self.problem = f"{what}; it is kept below state/tracking, and the next run tells it"

    def _end_begun(self) -> None:
        """Mark as killed what has come to no end; what has is not touched."""
        with suppress(Exception):  # the next run marks it
            for key in self._begun if self._runs is not None else ():
                self._runs.end(key, "KILLED")

    def _connected(self) -> MlflowRuns | None:
        """Return the runs; None as long as there is nothing to tell."""
        if self._runs is None and not (self._orders.empty() and self._records.empty):
            self._runs = MlflowRuns(self._workspace, self._params)
            self._runs.end_left_runs()
        return self._runs


def tell(workspace: Workspace, params: TrackingParams, records: list[Record]) -> str | None:
    """Record runs and tell MLflow; return why that was not possible, or None."""
    with Tracker(workspace, params) as tracker:
        for record in records:
            tracker.record(record)
    return tracker.problem
