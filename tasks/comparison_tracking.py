"""MLflow: a parent run per study, a child run per run of it, each once."""

from collections.abc import Sequence

from siu.comparison.result import RunResult
from siu.comparison.table import Table
from siu.storage.digest import value_digest
from tasks.comparison import Comparison
from tasks.mlflow_runs import MlflowRuns, written


def track_comparison(
    comparison: Comparison, results: Sequence[RunResult], table: Table, flow_run_id: str
) -> str | None:
    """Write a study to MLflow unless it is there; return why not, or None.

    A study that has more results than last time keeps its parent run, with the new table.
    """
    plan = _plan(comparison)

    def write() -> None:
        tags = {"siu.study": comparison.name, "prefect.flow_run_id": flow_run_id}
        runs = MlflowRuns(comparison.job, tags)
        known = runs.finished("siu.study", comparison.name)
        parent = _parent(runs, comparison, results, table, known.get(plan))
        for result in results:
            if result.status == "done":
                _child(runs, comparison, result, parent, known)

    return written(write, "the next run of the study")


def _plan(comparison: Comparison) -> str:
    job = comparison.job
    study = comparison.study.model_dump(mode="json")
    return value_digest([comparison.name, study, job.collection_digest, job.base_digest])


def _parent(
    runs: MlflowRuns, comparison: Comparison, results: Sequence[RunResult], table: Table, found: str | None
) -> str:
    """Return the study's run, made unless it is there, with the table as it is now."""
    content = value_digest([[str(result.run), result.status, result.plan] for result in results])
    params = comparison.job.params.model_dump(mode="json")
    values = {
        f"{method}/{key}": cell.mean.mean for method, cells in table.items() for key, cell in cells.items()
    }
    name = f"compare {comparison.name}"
    return runs.parent(name, _plan(comparison), found, comparison.folder, content, params, values)


def _child(
    runs: MlflowRuns, comparison: Comparison, result: RunResult, parent: str, known: dict[str, str]
) -> None:
    """Make the child run of one run unless it is there."""
    plan = value_digest([parent, str(result.run), result.plan])
    if plan in known:
        return
    tags = {"siu.method": result.run.method, "siu.concept": result.run.case.concept}
    run_id = runs.create(str(result.run), plan, tags, parent)
    values = {
        **{f"before.{key}": value for key, value in result.before.items()},
        **{f"after.{key}": value for key, value in result.after.items()},
        **{f"seconds.{stage}": value for stage, value in result.seconds.items()},
    }
    own = comparison.params[result.run.method].unlearning.model_dump(mode="json")
    params = {**own, "lr": result.lr, "steps": result.steps, "seed": result.run.case.seed}
    runs.log(run_id, params, values)
    runs.client.set_terminated(run_id)
