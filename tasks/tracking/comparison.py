"""MLflow: a parent run per study, a child run per run of it, each once."""

from collections.abc import Sequence

from siu.comparison.result import RunResult
from siu.comparison.table import Table
from siu.config.public import public_params
from siu.storage.digest import value_digest
from tasks.comparison.runs import Comparison
from tasks.tracking.batch import measured_metrics
from tasks.tracking.record import OWN_TO_A_START, RunRecord
from tasks.tracking.tracker import tell


def track_comparison(
    comparison: Comparison, results: Sequence[RunResult], table: Table, flow_run_id: str
) -> str | None:
    """Record a study and tell MLflow; return why that was not possible, or None.

    A study that has more results than last time keeps its parent run, with the new table.
    """
    tags = {"siu.study": comparison.name, OWN_TO_A_START: flow_run_id}
    parent = _parent(comparison, results, table, tags)
    done = [result for result in results if result.status == "done"]
    children = [_child(comparison, result, parent.key, tags) for result in done]
    job = comparison.job
    return tell(job.workspace, job.params.tracking, [parent, *children])


def _parent(
    comparison: Comparison, results: Sequence[RunResult], table: Table, tags: dict[str, str]
) -> RunRecord:
    """Return the study's run with the table as it is now."""
    job = comparison.job
    study = comparison.study.model_dump(mode="json")
    plan = value_digest([comparison.name, study, job.collection_digest, job.base_digest])
    content = value_digest([[str(result.run), result.status, result.plan] for result in results])
    values = {
        f"{method}/{key}": cell.mean.mean for method, cells in table.items() for key, cell in cells.items()
    }
    folder = comparison.folder.relative_to(job.workspace.root).as_posix()
    return RunRecord(
        key=plan,
        name=f"compare {comparison.name}",
        tags={**tags, "siu.results": content},
        params=public_params(job.params),
        metrics=measured_metrics(values, 0),
        files=((folder, ""),),
    )


def _child(comparison: Comparison, result: RunResult, parent: str, tags: dict[str, str]) -> RunRecord:
    """Return the run of one method on one concept with one seed."""
    unlearning = comparison.params[result.run.method].unlearning.model_dump(mode="json")
    steps = result.steps or 0
    return RunRecord(
        key=value_digest([parent, str(result.run), result.plan]),
        name=str(result.run),
        parent=parent,
        tags={**tags, "siu.method": result.run.method, "siu.concept": result.run.case.concept},
        params={**unlearning, "lr": result.lr, "steps": result.steps, "seed": result.run.case.seed},
        metrics=(
            *measured_metrics(result.before, 0, "before."),
            *measured_metrics(result.after, steps, "after."),
            *measured_metrics(result.seconds, steps, "seconds."),
        ),
    )
