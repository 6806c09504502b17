"""MLflow runs that are written once per plan: the part that batches and comparisons share."""

import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from siu.storage.digest import value_digest
from tasks.job import Job

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

PLAN_TAG = "siu.plan_digest"
RESULTS_TAG = "siu.results"
WORKSPACE_TAG = "siu.storage.workspace"
MOST_RUNS = 50_000
"""What MLflow gives out at once."""


def written(write: Callable[[], None], next_time: str) -> str | None:
    """Write to MLflow; return why that was not possible, or None.

    A tracking server that is down costs nothing: all of it is a view of published outputs.
    """
    import sqlalchemy.exc
    from mlflow.exceptions import MlflowException

    try:
        write()
    except (MlflowException, OSError, sqlalchemy.exc.SQLAlchemyError) as error:
        return f"not in MLflow yet: {type(error).__name__}; {next_time} writes it"
    return None


class MlflowRuns:
    """The runs of one workspace's experiment.

    Args:
        job: Names the experiment and where it is kept.
        tags: What every run written here carries.
    """

    def __init__(self, job: Job, tags: Mapping[str, str]) -> None:
        from mlflow.tracking import MlflowClient

        uri = tracking_uri(job)
        if uri.startswith("sqlite:///"):
            with FileLock(job.workspace.state / "mlflow.lock"):  # processes race in the migration
                make_database(uri, job.workspace.mlflow_artifacts)
        self.client = MlflowClient(uri)
        self._experiment = _experiment(self.client, job)
        self._tags = {**tags, WORKSPACE_TAG: _id_of(job.workspace.root)}

    def create(self, name: str, plan: str, tags: Mapping[str, str], parent: str = "") -> str:
        """Start a run and return its id."""
        above = {"mlflow.parentRunId": parent} if parent else {}
        every = {"mlflow.runName": name, PLAN_TAG: plan, **above, **self._tags, **tags}
        return str(self.client.create_run(self._experiment, tags=every).info.run_id)

    def finished(self, tag: str, value: str) -> dict[str, str]:
        """Return the finished runs with a tag, by plan; unfinished ones of this workspace are removed."""
        found = {}
        tagged = f"tags.`{tag}` = '{value}'"
        for run in self.client.search_runs([self._experiment], tagged, max_results=MOST_RUNS):
            if run.info.status == "FINISHED":
                found[run.data.tags[PLAN_TAG]] = str(run.info.run_id)
            elif run.data.tags.get(WORKSPACE_TAG) == self._tags[WORKSPACE_TAG]:
                self.client.delete_run(run.info.run_id)
        return found

    def parent(
        self,
        name: str,
        plan: str,
        found: str | None,
        folder: Path,
        content: str,
        params: Mapping[str, Any],
        values: Mapping[str, float | None],
    ) -> str:
        """Return the run above others, made or brought up to date unless it holds just this.

        Args:
            name: What it is called.
            plan: Its plan.
            found: The finished run of the plan, if there is one: it keeps its id and its parameters.
            folder: Whose files it holds.
            content: Digest of what it shows.
            params: Parameters.
            values: Metrics.
        """
        if found is not None and self.client.get_run(found).data.tags.get(RESULTS_TAG) == content:
            return found
        run_id = found or self.create(name, plan, {})
        self.log(run_id, {} if found else params, values)
        for file in sorted(folder.iterdir()):
            self.client.log_artifact(run_id, str(file))
        self.client.set_tag(run_id, RESULTS_TAG, content)
        self.client.set_terminated(run_id)
        return run_id

    def log(self, run_id: str, params: Mapping[str, Any], values: Mapping[str, float | None]) -> None:
        """Log nested parameters and the metrics that were measured."""
        from mlflow.entities import Metric, Param

        now = int(time.time() * 1000)
        measured = [Metric(name, value, now, 0) for name, value in values.items() if value is not None]
        flat = [Param(key, str(value)) for key, value in _flat(params).items()]
        self.client.log_batch(run_id, metrics=measured, params=flat)


def _id_of(root: Path) -> str:
    """Return a workspace's id: another one that writes to the same server may be at work now."""
    return value_digest([socket.gethostname(), str(root.resolve())])[:16]


def tracking_uri(job: Job) -> str:
    """Return the tracking URI with a relative SQLite file placed in the workspace."""
    prefix, uri = "sqlite:///", job.params.tracking.uri
    if uri.startswith(prefix) and not uri.startswith(prefix + "/"):
        return f"{prefix}{job.workspace.root / uri.removeprefix(prefix)}"
    return uri


def make_database(uri: str, artifacts: Path) -> None:
    """Make a SQLite database or bring it to the current schema."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    SqlAlchemyStore(uri, artifacts.as_uri())


def _experiment(client: "MlflowClient", job: Job) -> str:
    name = job.params.tracking.experiment
    experiment = client.get_experiment_by_name(name)
    if experiment is not None:
        return str(experiment.experiment_id)
    is_local = tracking_uri(job).startswith("sqlite:///")
    location = job.workspace.mlflow_artifacts.as_uri() if is_local else None
    return str(client.create_experiment(name, artifact_location=location))


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return flat
