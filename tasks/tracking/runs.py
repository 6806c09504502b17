"""A workspace's runs in MLflow: made once per plan, and told whatever is not there yet."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.storage.digest import value_digest
from siu.storage.fault_points import fault_point
from siu.storage.jsonl import read_jsonl
from siu.storage.workspace import Workspace
from tasks.tracking.database import LOCK, prepare_database, sqlite_file
from tasks.tracking.location import artifacts_of, own_tag, tracking_uri
from tasks.tracking.model import Registry
from tasks.tracking.record import Record, Records, ReleaseRecord, RunRecord
from tasks.tracking.samples import sample_answers

if TYPE_CHECKING:
    from mlflow.entities import Run

    from siu.config.params import TrackingParams

PLAN_TAG = "siu.plan_digest"
CONTENT_TAG = "siu.content"
WORKSPACE_TAG = "siu.workspace"
NAME_TAG = "mlflow.runName"
PARENT_TAG = "mlflow.parentRunId"
TRAINING = "training."
MOST_METRICS, MOST_PARAMS = 1000, 100
"""What MLflow takes at once."""
LONGEST_VALUE = 6000
"""Characters of a parameter's value."""
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}
"""A server that is down is told the next time: nobody waits minutes for it."""


class MlflowRuns:
    """The runs of one workspace's experiment.

    Args:
        workspace: Whose runs.
        params: Where MLflow is, and the experiment's name.

    Raises:
        MlflowException: The server can't be reached, or another fault of MLflow's; beside it OSError,
            sqlite3.Error and SQLAlchemyError. All methods raise these.
    """

    def __init__(self, workspace: Workspace, params: "TrackingParams") -> None:
        from mlflow.tracking import MlflowClient

        for name, value in PATIENCE.items():
            os.environ.setdefault(name, value)
        uri = tracking_uri(workspace, params.uri)
        file = sqlite_file(uri)
        location = None if file is None else artifacts_of(workspace, file)
        if file is not None and location is not None:
            workspace.state.mkdir(parents=True, exist_ok=True)
            prepare_database(file, location, workspace.state / LOCK)
        self.client = MlflowClient(uri)
        self._workspace = workspace
        self._registry = Registry(self.client, params.experiment)
        self._experiment, made = self._open_experiment(params.experiment, location)
        self.server = value_digest([uri, self._experiment, made])
        """Another one after the database was made anew: then everything is told again."""
        self._owner = own_tag(workspace, file)
        self._known: dict[str, str] = {}

    def end_left_runs(self) -> None:
        """Mark the runs as killed that a process of this workspace has left running."""
        condition = f"tags.`{WORKSPACE_TAG}` = '{self._owner}' and attributes.status = 'RUNNING'"
        for run in self._search(condition):
            self.client.set_terminated(run.info.run_id, "KILLED")

    def open(self, record: RunRecord) -> tuple[str, bool]:
        """Begin a run; return its id, and whether it has nothing to show yet.

        One of the same plan that has come to an end stays as it is. One that was killed or failed makes room,
        unless it is above others: then it is taken up again.
        """
        run = self._find(record.key)
        if run is not None and run.info.status == "FINISHED":
            return str(run.info.run_id), False
        if run is not None and record.parent:
            self.client.delete_run(run.info.run_id)
            run = None
        run_id = self._create(record) if run is None else str(run.info.run_id)
        self.client.update_run(run_id, status="RUNNING")
        self._describe(run_id, record, run)
        return run_id, True

    def losses(self, run_id: str, rows: Sequence[Mapping[str, Any]], prefix: str = TRAINING) -> None:
        """Log losses, gradient norm and rate of some steps, each row with its step."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [
            Metric(f"{prefix}{name}", float(value), now, int(row["step"]))
            for row in rows
            for name, value in row.items()
            if name != "step"
        ]
        self._log_metrics(run_id, metrics)

    def end(self, key: str, status: str) -> None:
        """End a run that was begun, without anything more to say."""
        run = self._find(key)
        if run is not None and run.info.status == "RUNNING":
            self.client.set_terminated(run.info.run_id, status)

    def push(self, record: RunRecord) -> None:
        """Bring a run up to what its record says, whatever of it is there; nothing is said twice."""
        from mlflow.entities import Metric

        run = self._find(record.key)
        if run is not None and _is_told(run, record):
            return
        run_id = self._create(record) if run is None else str(run.info.run_id)
        self._describe(run_id, record, run)
        now = int(time.time() * 1000)
        there = run.data.metrics if run else {}
        new = [row for row in record.metrics if there.get(row[0]) != row[1]]
        self._log_metrics(run_id, [Metric(name, value, now, step) for name, value, step in new])
        if record.losses:
            self._push_losses(run_id, self._workspace.root / record.losses)
        for place, folder in record.files:
            self._push_files(run_id, self._workspace.root / place, folder)
        if record.answers:
            folders = [self._workspace.root / place for place in record.answers]
            if all(folder.is_dir() for folder in folders):
                self.client.log_dict(run_id, {"answers": sample_answers(folders)}, "answers.json")
        self.client.set_tag(run_id, CONTENT_TAG, record.content)
        self.client.set_terminated(run_id, record.status)

    def tell(self, record: Record) -> None:
        """Tell one record, of either kind."""
        if isinstance(record, RunRecord):
            self.push(record)
        else:
            self.deploy(record)

    def deploy(self, record: ReleaseRecord) -> None:
        """Make the release a version of the registered model, unless it is one, and give it the alias."""
        self._registry.deploy(record, self._workspace.root / record.adapter, self._id_of(record.run))

    def push_waiting(self, records: Records) -> None:
        """Tell everything that the server has not been told; a model that it refuses holds up no run."""
        refused: Exception | None = None
        for record, position in records.waiting(self.server):
            try:
                self.tell(record)
            except Exception as error:  # raised below, or at once
                if isinstance(record, RunRecord):
                    raise
                refused = error
            if refused is None:
                records.mark(self.server, position)
        if refused is not None:
            raise refused

    def _open_experiment(self, name: str, location: Path | None) -> tuple[str, int]:
        experiment = self.client.get_experiment_by_name(name)
        if experiment is None:
            place = None if location is None else location.as_uri()
            experiment = self.client.get_experiment(
                self.client.create_experiment(name, artifact_location=place)
            )
        return str(experiment.experiment_id), int(experiment.creation_time or 0)

    def _create(self, record: RunRecord) -> str:
        above = {PARENT_TAG: self._id_of(record.parent)} if record.parent else {}
        tags = {NAME_TAG: record.name, PLAN_TAG: record.key, WORKSPACE_TAG: self._owner, **above}
        run_id = str(self.client.create_run(self._experiment, tags=tags).info.run_id)
        fault_point("mlflow.run")
        self._known[record.key] = run_id
        return run_id

    def _describe(self, run_id: str, record: RunRecord, run: "Run | None") -> None:
        """Write name, tags, parameters and datasets; parameters that are there stay as they are."""
        from mlflow.entities import Param, RunTag

        there = run.data.params if run else {}
        params = [
            Param(name, str(value)[:LONGEST_VALUE])
            for name, value in _flat(record.params).items()
            if name not in there
        ]
        tags = [RunTag(name, value) for name, value in {NAME_TAG: record.name, **record.tags}.items()]
        self.client.log_batch(run_id, params=params[:MOST_PARAMS], tags=tags)
        for first in range(MOST_PARAMS, len(params), MOST_PARAMS):
            self.client.log_batch(run_id, params=params[first : first + MOST_PARAMS])
        if record.datasets:
            self.client.log_inputs(run_id, _inputs(record))

    def _push_losses(self, run_id: str, file: Path) -> None:
        """Log the steps that were not seen live."""
        if not file.is_file():
            return
        seen = {metric.step for metric in self.client.get_metric_history(run_id, f"{TRAINING}loss")}
        self.losses(run_id, [row for row in read_jsonl(file) if int(row["step"]) not in seen])

    def _push_files(self, run_id: str, place: Path, folder: str) -> None:
        if place.is_dir():
            self.client.log_artifacts(run_id, str(place), folder or None)
        elif place.is_file():
            self.client.log_artifact(run_id, str(place), folder or None)

    def _log_metrics(self, run_id: str, metrics: Sequence[Any]) -> None:
        for first in range(0, len(metrics), MOST_METRICS):
            self.client.log_batch(run_id, metrics=metrics[first : first + MOST_METRICS])

    def _id_of(self, key: str) -> str:
        """Return the id of a run, which is begun if it isn't there: it may be told later."""
        if key not in self._known:
            run = self._find(key)
            self._known[key] = str(run.info.run_id) if run else self._create(RunRecord(key, key[:12]))
        return self._known[key]

    def _find(self, key: str) -> "Run | None":
        runs = self._search(f"tags.`{PLAN_TAG}` = '{key}'", most=1)
        return runs[0] if runs else None

    def _search(self, condition: str, most: int = 1000) -> "list[Run]":
        return list(self.client.search_runs([self._experiment], condition, max_results=most))


def _is_told(run: "Run", record: RunRecord) -> bool:
    """Return whether a run shows all of its record and has come to the same end."""
    return (run.data.tags.get(CONTENT_TAG), run.info.status) == (record.content, record.status)


def _inputs(record: RunRecord) -> list[Any]:
    """Return the datasets as MLflow wants them: opaque, with a digest and no name."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    return [
        DatasetInput(
            Dataset(data.name, data.digest[:36], "siu", f'{{"sha256": "{data.digest}"}}'),
            [InputTag("mlflow.data.context", data.context)],
        )
        for data in record.datasets
    ]


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return flat
