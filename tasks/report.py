"""Report: one self-contained HTML file and ``summary.json`` per batch, from published outputs only."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.storage.digest import value_digest
from siu.storage.jsonl import read_jsonl
from tasks.answers import read_answers
from tasks.construct import CONSTRUCT
from tasks.evaluate import answers_before
from tasks.job import Job
from tasks.outcome import Outcome, Released
from tasks.summary import batch_id, summarise
from tasks.unlearn import LOSSES
from tasks.workers import OnProgress, Runner

if TYPE_CHECKING:
    from siu.report import ConceptSection, Example

REPORT = "report.html"
SUMMARY = "summary.json"
STAGE = "report"


def report(
    job: Job,
    outcomes: Sequence[Outcome],
    released: Released | None,
    runner: Runner,
    on_progress: OnProgress,
) -> Path:
    """Write the batch's report unless it is there, and put it where people look; return that folder."""
    summary = summarise(job, outcomes, released)
    inputs = {
        "batch": batch_id(job),
        "summary": value_digest(summary),
        "code": job.code_of(__name__),
    }
    folder = job.store.find(STAGE, inputs)
    if folder is None:
        folder = runner.run(_publish, job, tuple(outcomes), summary, inputs, on_progress=on_progress)
    shown = job.workspace.reports / batch_id(job)
    shown.mkdir(parents=True, exist_ok=True)
    for name in (REPORT, SUMMARY):
        if not (shown / name).is_file() or (shown / name).read_bytes() != (folder / name).read_bytes():
            shutil.copyfile(folder / name, shown / name)
    return shown


def _publish(
    job: Job,
    outcomes: Sequence[Outcome],
    summary: dict[str, Any],
    inputs: dict[str, Any],
    on_progress: OnProgress,
) -> Path:
    from siu.report import Report, write_report

    with job.store.publish(STAGE, inputs) as folder:
        asked = set(job.request_ids)
        sections = tuple(_section(job, outcome) for outcome in outcomes if outcome.request_id in asked)
        refused = {row.request_id: tuple(map(str, row.problems)) for row in job.refused}
        base = f"{job.params.base_model.source} ({job.base_digest[:12]})"
        content = Report(summary["batch_id"], base, summary, sections, refused, job.notes)
        write_report(content, folder / REPORT)
        text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
        (folder / SUMMARY).write_text(text, encoding="utf-8")
    on_progress(1, 1)
    found = job.store.find(STAGE, inputs)
    assert found is not None
    return found


def _section(job: Job, outcome: Outcome) -> "ConceptSection":
    from siu.finetuning_data import load_data, picture_paths
    from siu.report import ConceptSection, choose_examples

    request = job.request(outcome.request_id)
    substitute = ""
    losses: tuple[float, ...] = ()
    examples: tuple[Example, ...] = ()
    if outcome.unlearned:
        substitute = load_data(CONSTRUCT.output(job, request.request_id)).substitute
        rows = read_jsonl(outcome.outputs["unlearn"].folder / LOSSES)
        losses = tuple(float(row["loss"]) for row in rows)
        after = read_answers(outcome.outputs["evaluate"].folder)
        paths = picture_paths(job.collection(), *(one.image for one in job.requests))
        examples = choose_examples(answers_before(job, request.request_id, after), after, paths)
    return ConceptSection(
        request_id=request.request_id,
        name=job.concept(outcome.request_id).name,
        kind=request.kind,
        substitute=substitute,
        picture=request.image,
        verdict=outcome.verdict_name,
        reasons=outcome.reasons,
        before=outcome.before,
        after=outcome.after,
        intervals=outcome.intervals,
        losses=losses,
        examples=examples,
        findings=tuple(outcome.findings),
        gold_distance=outcome.gold_distance or {},
    )
