"""MLflow: a parent run per batch, a child run per concept, each once per plan.

All of it is a view of published outputs. So a tracking server that is down costs nothing: the next run of
the batch finds no finished run for the plan and writes it.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from siu.digest import value_digest
from siu.jsonl import read_jsonl
from tasks.answers import BEFORE, RECORDS, RETAINED
from tasks.job import Job
from tasks.outcome import Outcome
from tasks.summary import batch_id
from tasks.unlearn import ADAPTER, LOSSES
from tasks.versioning import file_md5

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

PLAN_TAG = "siu.plan_digest"
SAMPLE_ANSWERS = 40


def track(job: Job, outcomes: Sequence[Outcome], report: Path, flow_run_id: str) -> str | None:
    """Write the batch and its concepts to MLflow unless they are there; return why not, or None."""
    import sqlalchemy.exc
    from mlflow.exceptions import MlflowException

    try:
        tracker = _Tracker(job, flow_run_id)
        parent = tracker.batch(report)
        for outcome in outcomes:
            if outcome.unlearned:
                tracker.concept(outcome, parent)
    except (MlflowException, OSError, sqlalchemy.exc.SQLAlchemyError) as error:
        return f"not in MLflow yet: {type(error).__name__}; the next run of the batch writes it"
    return None


def tracking_uri(job: Job) -> str:
    """Return the tracking URI with a relative SQLite file placed in the workspace."""
    prefix, uri = "sqlite:///", job.params.tracking.uri
    if uri.startswith(prefix) and not uri.startswith(prefix + "/"):
        return f"{prefix}{job.workspace.root / uri.removeprefix(prefix)}"
    return uri


class _Tracker:
    """Writes runs of one batch."""

    def __init__(self, job: Job, flow_run_id: str) -> None:
        from mlflow.tracking import MlflowClient

        self._job, self._flow_run_id = job, flow_run_id
        uri = tracking_uri(job)
        if uri.startswith("sqlite:///"):
            with FileLock(job.workspace.state / "mlflow.lock"):  # processes race in the migration
                make_database(uri, job.workspace.mlflow_artifacts)
        self._client = MlflowClient(uri)
        self._experiment = _experiment(self._client, job)

    def batch(self, report: Path) -> str:
        """Return the parent run of the batch, made unless it is there."""
        plan = batch_id(self._job)
        found = self._find(plan)
        if found is not None:
            return found
        tags = {"mlflow.runName": f"batch {plan}", **self._tags(plan)}
        run_id = self._create(tags)
        self._log_params(run_id, self._job.params.model_dump(mode="json"))
        for file in sorted(report.iterdir()):
            self._client.log_artifact(run_id, str(file))
        self._client.set_terminated(run_id)
        return run_id

    def concept(self, outcome: Outcome, parent: str) -> None:
        """Make the child run of a concept unless it is there."""
        plan = value_digest({name: output.digest for name, output in outcome.outputs.items()})
        if self._find(plan) is not None:
            return
        unlearned = outcome.outputs["unlearn"].folder
        tags = {
            "mlflow.runName": outcome.request_id,
            "mlflow.parentRunId": parent,
            "siu.request_id": outcome.request_id,
            "siu.verdict": outcome.verdict_name,
            "dvc.md5": file_md5(unlearned / ADAPTER / "adapter_model.safetensors"),
            **self._tags(plan),
        }
        run_id = self._create(tags)
        self._log_params(run_id, self._job.params.unlearning.model_dump(mode="json"))
        self._log_metrics(run_id, outcome)
        self._client.log_artifacts(run_id, str(unlearned / ADAPTER), "adapter")
        self._client.log_dict(run_id, {"answers": _sample_answers(self._job, outcome)}, "answers.json")
        self._client.set_terminated(run_id)

    def _tags(self, plan: str) -> dict[str, str]:
        return {PLAN_TAG: plan, "siu.batch_id": batch_id(self._job), "prefect.flow_run_id": self._flow_run_id}

    def _create(self, tags: dict[str, str]) -> str:
        return str(self._client.create_run(self._experiment, tags=tags).info.run_id)

    def _find(self, plan: str) -> str | None:
        """Return the finished run of a plan; one that a killed process left is removed."""
        found = None
        for run in self._client.search_runs([self._experiment], f"tags.`{PLAN_TAG}` = '{plan}'"):
            if run.info.status == "FINISHED":
                found = str(run.info.run_id)
            else:
                self._client.delete_run(run.info.run_id)
        return found

    def _log_params(self, run_id: str, params: dict[str, Any]) -> None:
        from mlflow.entities import Param

        self._client.log_batch(
            run_id, params=[Param(key, str(value)) for key, value in _flat(params).items()]
        )

    def _log_metrics(self, run_id: str, outcome: Outcome) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [
            Metric(f"{state}.{name}", value, now, 0)
            for state, values in (("before", outcome.before), ("after", outcome.after))
            for name, value in values.items()
            if value is not None
        ]
        seconds = {name: output.seconds for name, output in outcome.outputs.items()}
        metrics += [Metric(f"seconds.{name}", value, now, 0) for name, value in seconds.items()]
        for row in read_jsonl(outcome.outputs["unlearn"].folder / LOSSES):
            step = int(row.pop("step"))
            metrics += [Metric(f"training.{name}", float(value), now, step) for name, value in row.items()]
        for start in range(0, len(metrics), 1000):  # the most that one call takes
            self._client.log_batch(run_id, metrics=metrics[start : start + 1000])


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


def _flat(values: dict[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{above}{key}.") if isinstance(value, dict) else {f"{above}{key}": value}
    return flat


def _sample_answers(job: Job, outcome: Outcome) -> list[dict[str, str]]:
    """Return a sample of the answers before and after, spread evenly over the questions."""
    import pandas as pd

    before = pd.concat(
        pd.read_parquet(BEFORE.output(job, subject) / RECORDS) for subject in (outcome.request_id, RETAINED)
    )
    after = pd.read_parquet(outcome.outputs["evaluate"].folder / RECORDS)
    both = after.merge(before[["id", "answer"]], on="id", suffixes=("_after", "_before"))
    chosen = both.iloc[:: max(1, len(both) // SAMPLE_ANSWERS)]
    columns = ("purpose", "text", "answer_before", "answer_after")
    return [
        dict(zip(columns, row, strict=True)) for row in zip(*(chosen[name] for name in columns), strict=True)
    ]
