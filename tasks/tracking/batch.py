"""What MLflow shows of a batch: a run for it, below it a run per concept and one of the release.

All is known from the plan when work begins, but for the measurements; these are read from published outputs.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

from siu.config.public import public_params
from siu.storage.digest import folder_digest, value_digest
from tasks.answers import BEFORE
from tasks.construct import CONSTRUCT
from tasks.deploy import SHORT, is_deployed
from tasks.job import Job
from tasks.outcome import Outcome, Released
from tasks.release import RELEASE
from tasks.report import REPORT, SUMMARY
from tasks.stage import Output
from tasks.subjects import RETAINED, Release
from tasks.summary import batch_id
from tasks.tracking.live_losses import Training
from tasks.tracking.record import OWN_TO_A_START, Dataset, ReleaseRecord, RunRecord
from tasks.tracking.tracker import Tracker
from tasks.unlearn import ADAPTER, LOSSES
from tasks.versioning.commit import file_md5

BATCH_TAG = "siu.batch_id"
Metrics = tuple[tuple[str, float, int], ...]


class BatchRuns:
    """The runs of one batch.

    A context: leaving it waits until MLflow has been told, and `problem` says why it was not.

    Args:
        job: The batch.
        flow_run_id: Prefect's id of it; empty if it has none.
    """

    def __init__(self, job: Job, flow_run_id: str = "") -> None:
        self._job, self._batch = job, batch_id(job)
        self._tags = {BATCH_TAG: self._batch, OWN_TO_A_START: flow_run_id}
        tuned = job.params.unlearning.tune
        self._tracker = Tracker(job.workspace, job.params.tracking, self._runs_of, tuned=tuned)

    @property
    def problem(self) -> str | None:
        """Why MLflow was not told everything; None if it was."""
        return self._tracker.problem

    def told(self) -> str | None:
        """Wait until MLflow was told what there is until now; return why it was not, or None."""
        return self._tracker.told()

    def __enter__(self) -> Self:
        self._tracker.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._tracker.__exit__(*error)

    def finish(self, outcome: Outcome) -> None:
        """Record what came of a concept; one for which no training was prepared has no run."""
        if outcome.unlearned:
            self._tracker.record(self._measured(self._concept(outcome.request_id), outcome))
        elif outcome.error is not None and "before" in outcome.outputs:
            record = self._concept(outcome.request_id)
            tags = {"siu.verdict": outcome.verdict_name, "siu.code": ", ".join(outcome.codes)}
            self._tracker.record(replace(record, status="FAILED", tags={**record.tags, **tags}))

    def close(self, outcomes: Sequence[Outcome], released: Released | None, report: Path) -> None:
        """Record the release and the batch, with their summaries."""
        verdicts = Counter(outcome.verdict_name for outcome in outcomes)
        shown = {f"verdicts.{verdict}": float(count) for verdict, count in verdicts.items()}
        if released is not None:
            self._finish_release(released)
            shown["release.concepts"] = float(len(released.verdicts))
            of_release = Counter(verdict.verdict for verdict in released.verdicts.values())
            shown |= {f"release.verdicts.{verdict}": float(count) for verdict, count in of_release.items()}
        shown["concepts"] = float(len(outcomes))
        files = tuple((_place(self._job, report / name), "") for name in (SUMMARY, REPORT))
        record = replace(self._parent(), metrics=measured_metrics(shown, 0), files=files)
        tags = {**record.tags, "siu.results": folder_digest(report)}
        self._tracker.record(replace(record, tags=tags))

    def _runs_of(self, training: Training) -> tuple[RunRecord, ...]:
        """Return the batch's run and that of a training of this batch."""
        if training.stage == RELEASE.name:
            return self._parent(), self._release(Release(training.requests))
        return self._parent(), self._concept(training.requests[0])

    def _parent(self) -> RunRecord:
        return RunRecord(
            key=self._batch,
            name=f"batch {self._batch}",
            tags=self._tags,
            params=public_params(self._job.params),
            datasets=(Dataset("collection", self._job.collection_digest, "evaluation"),),
        )

    def _concept(self, request_id: str) -> RunRecord:
        data = CONSTRUCT.digest(self._job, request_id)
        return RunRecord(
            key=value_digest([self._batch, request_id])[:32],
            name=request_id,
            parent=self._batch,
            tags={**self._tags, "siu.request_id": request_id},
            params=self._job.params.unlearning.model_dump(mode="json"),
            datasets=(
                Dataset("finetuning-data", data, "training"),
                Dataset("collection", self._job.collection_digest, "evaluation"),
            ),
        )

    def _measured(self, record: RunRecord, outcome: Outcome) -> RunRecord:
        folder, steps = outcome.outputs["unlearn"].folder, _steps(outcome.training)
        verdict, job = outcome.verdict, self._job
        before = [BEFORE.output(job, subject) for subject in (outcome.request_id, RETAINED)]
        answers = (*before, outcome.outputs["evaluate"].folder)
        tags = {
            "siu.verdict": outcome.verdict_name,
            "siu.assurance": verdict.assurance if verdict else "",
            "dvc.md5": file_md5(folder / ADAPTER / "adapter_model.safetensors"),
        }
        seconds = _seconds(outcome.outputs)
        return replace(
            record,
            tags={**record.tags, **tags},
            metrics=(
                *measured_metrics(outcome.before, 0, "before."),
                *measured_metrics(outcome.after, steps, "after."),
                *measured_metrics(seconds, steps, "seconds."),
            ),
            losses=_place(job, folder / LOSSES),
            files=((_place(job, folder / ADAPTER), ADAPTER),),
            answers=tuple(_place(job, place) for place in answers),
        )

    def _release(self, subject: Release) -> RunRecord:
        plan = RELEASE.digest(self._job, subject)
        data = tuple(
            Dataset("finetuning-data", digest, "training")
            for digest in dict.fromkeys(CONSTRUCT.digest(self._job, member) for member in subject.request_ids)
        )
        return RunRecord(
            key=value_digest([self._batch, "release", plan])[:32],
            name=f"release {plan[:SHORT]}",
            parent=self._batch,
            tags={**self._tags, "siu.release": plan},
            params=self._job.params.unlearning.model_dump(mode="json"),
            datasets=(*data, Dataset("collection", self._job.collection_digest, "evaluation")),
        )

    def _finish_release(self, released: Released) -> None:
        job, folder = self._job, released.output.folder
        record, steps = self._release(released.subject), _steps(released.training)
        metrics = [measured_metrics({"release": released.output.seconds}, steps, "seconds.")]
        tags = {"dvc.md5": file_md5(folder / ADAPTER / "adapter_model.safetensors")}
        for member in released.subject.request_ids:
            metrics += [
                measured_metrics(released.before(member), 0, f"{member}.before."),
                measured_metrics(released.after(member), steps, f"{member}."),
            ]
            verdict = released.verdicts[member]
            tags |= {f"siu.verdict.{member}": verdict.verdict, "siu.assurance": verdict.assurance}
        self._tracker.record(
            replace(
                record,
                tags={**record.tags, **tags},
                metrics=tuple(row for rows in metrics for row in rows),
                losses=_place(job, folder / LOSSES),
                files=((_place(job, folder / ADAPTER), ADAPTER),),
            )
        )
        if not is_deployed(job.workspace, released.output.digest):
            return
        self._tracker.record(
            ReleaseRecord(
                plan=released.output.digest,
                run=record.key,
                adapter=_place(job, folder / ADAPTER),
                digest=folder_digest(folder / ADAPTER),
                base={
                    "base_model": job.params.base_model.model_dump(mode="json"),
                    "base_digest": job.base_digest,
                    "max_new_tokens": job.params.evaluation.max_new_tokens,
                },
                requests=released.subject.request_ids,
            )
        )


@contextmanager
def following(job: Job, flow_run_id: str | None) -> Iterator[BatchRuns | None]:
    """Yield a batch's runs, followed while the context lasts; None for a batch that MLflow is not told of.

    Args:
        job: The batch.
        flow_run_id: Prefect's id of it, empty if it has none; None if MLflow is not to be told.
    """
    if flow_run_id is None:
        yield None
        return
    with BatchRuns(job, flow_run_id) as runs:
        yield runs


def _place(job: Job, path: Path) -> str:
    """Return a path as a record holds it: relative to the workspace, which may be moved."""
    return path.relative_to(job.workspace.root).as_posix()


def measured_metrics(values: Mapping[str, float | None], step: int, prefix: str = "") -> Metrics:
    """Return name, value and step of what was measured."""
    return tuple(
        (f"{prefix}{name}", float(value), step) for name, value in values.items() if value is not None
    )


def _steps(training: Mapping[str, object] | None) -> int:
    return int(str(training["steps"])) if training else 0


def _seconds(outputs: Mapping[str, Output]) -> dict[str, float | None]:
    return {name: output.seconds for name, output in outputs.items()}
