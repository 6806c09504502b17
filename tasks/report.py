"""Report: one self-contained HTML file and ``summary.json`` per batch, from published outputs only.

The redacted edition, without names, pictures and answers, is written beside it.
"""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from siu.audit.ledger import Ledger
from siu.storage.digest import value_digest
from siu.storage.durable import replace_file
from tasks.deploy import is_deployed
from tasks.job import Job
from tasks.outcome import Outcome, Released
from tasks.report_sections import request_section
from tasks.runtime.workers import OnProgress, Runner
from tasks.summary import batch_id, summarise

REPORT = "report.html"
REDACTED = "report-redacted.html"
SUMMARY = "summary.json"
STAGE = "report"
DATED_BY = ("released", "verdict", "quarantined")
"""Events of the ledger that date a report."""


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
        "made": _made(job, outcomes),
        "is_deployed": released is not None and is_deployed(job.workspace, released.output.digest),
        "code": job.code_of(__name__),
    }
    folder = job.store.find(STAGE, inputs)
    if folder is None:
        work = (job, tuple(outcomes), released, summary, inputs)
        folder = runner.run(_publish, *work, on_progress=on_progress)
    shown = job.workspace.reports / batch_id(job)
    shown.mkdir(parents=True, exist_ok=True)
    for name in (REPORT, REDACTED, SUMMARY):
        if not (shown / name).is_file() or (shown / name).read_bytes() != (folder / name).read_bytes():
            replace_file(folder / name, shown / name)
    return shown


def _made(job: Job, outcomes: Sequence[Outcome]) -> str:
    """Return when the newest verdict of the batch was reached, to the minute: no clock is read."""
    ids = {outcome.request_id for outcome in outcomes}
    times = [
        entry.time
        for entry in Ledger(job.workspace.ledger).entries()
        if entry.event in DATED_BY and entry.request_id in ids
    ]
    return f"{max(times)[:16].replace('T', ' ')} UTC" if times else ""


def _publish(
    job: Job,
    outcomes: Sequence[Outcome],
    released: Released | None,
    summary: dict[str, Any],
    inputs: dict[str, Any],
    on_progress: OnProgress,
) -> Path:
    from siu.report import ReleaseSection, Report, write_report

    with job.store.publish(STAGE, inputs) as folder:
        release = None
        if released is not None:
            objective, steps = job.params.unlearning.objective, released.training["steps"]
            release = ReleaseSection(released.output.digest, objective, steps, inputs["is_deployed"])
        content = Report(
            batch_id=summary["batch_id"],
            made=inputs["made"],
            version=version("siu"),
            base_model=f"{job.params.base_model.source} ({job.base_digest[:12]})",
            gates=job.params.gates,
            requests=tuple(request_section(job, outcome, released) for outcome in outcomes),
            release=release,
            notes=job.notes,
            seconds=summary["seconds"],
        )
        write_report(content, folder / REPORT)
        write_report(content, folder / REDACTED, is_redacted=True)
        text = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
        (folder / SUMMARY).write_text(text, encoding="utf-8")
    on_progress(1, 1)
    published = job.store.find(STAGE, inputs)
    assert published is not None
    return published
