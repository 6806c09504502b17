"""MLflow: a parent run per batch, a child run per concept of it, each once.

The next run of a batch finds no finished run for a plan that could not be written, and writes it. A batch
whose report has changed, for instance because a quarantined request was served, keeps its parent run.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from siu.storage.digest import folder_digest, value_digest
from siu.storage.jsonl import read_jsonl
from tasks.answers import BEFORE, RECORDS, RETAINED
from tasks.job import Job
from tasks.mlflow_runs import MlflowRuns, written
from tasks.outcome import Outcome
from tasks.summary import batch_id
from tasks.unlearn import ADAPTER, LOSSES
from tasks.versioning import file_md5

SAMPLE_ANSWERS = 40
BATCH_TAG = "siu.batch_id"


def track(job: Job, outcomes: Sequence[Outcome], report: Path, flow_run_id: str) -> str | None:
    """Write the batch and its concepts to MLflow unless they are there; return why not, or None."""
    plan = batch_id(job)

    def write() -> None:
        runs = MlflowRuns(job, {BATCH_TAG: plan, "prefect.flow_run_id": flow_run_id})
        known = runs.finished(BATCH_TAG, plan)
        params = job.params.model_dump(mode="json")
        content = folder_digest(report)
        parent = runs.parent(f"batch {plan}", plan, known.get(plan), report, content, params, {})
        for outcome in outcomes:
            if outcome.unlearned:
                _concept(runs, job, outcome, parent, known)

    return written(write, "the next run of the batch")


def _concept(runs: MlflowRuns, job: Job, outcome: Outcome, parent: str, known: dict[str, str]) -> None:
    """Make the child run of a concept unless it is there."""
    outputs = {name: output.digest for name, output in outcome.outputs.items()}
    plan = value_digest([parent, outcome.request_id, outputs])
    if plan in known:
        return
    unlearned = outcome.outputs["unlearn"].folder
    tags = {
        "siu.request_id": outcome.request_id,
        "siu.verdict": outcome.verdict_name,
        "dvc.md5": file_md5(unlearned / ADAPTER / "adapter_model.safetensors"),
    }
    run_id = runs.create(outcome.request_id, plan, tags, parent)
    runs.log(run_id, job.params.unlearning.model_dump(mode="json"), _values(outcome))
    _log_training(runs, run_id, unlearned)
    runs.client.log_artifacts(run_id, str(unlearned / ADAPTER), "adapter")
    runs.client.log_dict(run_id, {"answers": _sample_answers(job, outcome)}, "answers.json")
    runs.client.set_terminated(run_id)


def _values(outcome: Outcome) -> dict[str, float | None]:
    return {
        **{f"before.{name}": value for name, value in outcome.before.items()},
        **{f"after.{name}": value for name, value in outcome.after.items()},
        **{f"seconds.{name}": output.seconds for name, output in outcome.outputs.items()},
    }


def _log_training(runs: MlflowRuns, run_id: str, unlearned: Path) -> None:
    """Log the losses of each step."""
    from mlflow.entities import Metric

    now, metrics = int(time.time() * 1000), []
    for row in read_jsonl(unlearned / LOSSES):
        step = int(row.pop("step"))
        metrics += [Metric(f"training.{name}", float(value), now, step) for name, value in row.items()]
    runs.client.log_batch(run_id, metrics=metrics)


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
