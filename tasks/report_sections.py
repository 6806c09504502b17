"""From a request's published outputs to its section of the report."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from siu.storage.jsonl import read_jsonl
from tasks.answers import read_answers
from tasks.construct import CONSTRUCT
from tasks.evaluate import SCORECARDS, answers_before
from tasks.job import Job
from tasks.outcome import Outcome, Released
from tasks.released_answers import RELEASED_ANSWERS
from tasks.subjects import RETAINED, ReleasePart
from tasks.unlearn import LOSSES

if TYPE_CHECKING:
    from siu.mmubench import Records
    from siu.report import Card, Leak, RequestSection


def request_section(job: Job, outcome: Outcome, released: Released | None) -> "RequestSection":
    """Return what the report shows of a request: the release where it is in one, else its own adapter."""
    from siu.report import RequestSection

    is_known = outcome.request_id in job.request_ids
    picture = job.request(outcome.request_id).image if is_known else None
    concept = job.concept(outcome.request_id) if is_known else None
    base = RequestSection(
        request_id=outcome.request_id,
        name=concept.name if concept else outcome.request_id,
        kind=concept.kind if concept else "",
        picture=picture,
        verdict=outcome.verdict,
        reasons=outcome.reasons,
        codes=outcome.codes,
        knowledge=outcome.knowledge if outcome.error is None else None,
        before=outcome.before if outcome.error is None else {},
        seconds={name: output.seconds for name, output in outcome.outputs.items()},
        plan={name: output.digest for name, output in outcome.outputs.items()},
    )
    return _measured(job, outcome, released, base) if outcome.unlearned else base


def _measured(
    job: Job, outcome: Outcome, released: Released | None, section: "RequestSection"
) -> "RequestSection":
    """Add everything that was measured to a section."""
    from dataclasses import replace

    from siu.finetuning_data import load_data

    request_id = outcome.request_id
    part = released.parts.get(request_id) if released else None
    verdict, folder = outcome.verdict, outcome.outputs["evaluate"].folder
    findings, after = outcome.findings, outcome.after
    before, ends = outcome.before, outcome.intervals
    if released is not None and part is not None:
        verdict, folder, findings = released.verdicts[request_id], part.folder, released.findings(request_id)
        before, after = released.before(request_id), released.after(request_id)
        ends = released.intervals(request_id)
    section = replace(
        section,
        verdict=verdict,
        alone=outcome.verdict if part else None,
        is_released=part is not None,
        reasons=verdict.reasons if verdict else (),
        substitute=load_data(CONSTRUCT.output(job, request_id)).substitute,
        before=before,
        after=after,
        alone_after=outcome.after if part else {},
        intervals=ends,
        units=json.loads((folder / SCORECARDS).read_text(encoding="utf-8"))["units"]["after"],
        findings=tuple(findings),
        losses=_losses(outcome),
        gold_distance=outcome.gold_distance or {},
        plan={**section.plan, **({"released": part.digest} if part else {})},
        seconds={**section.seconds, **({"released": part.seconds} if part else {})},
    )
    leak, cards = _quoted(job, outcome, released if part else None, section)
    return replace(section, leak=leak, cards=cards)


def _quoted(
    job: Job, outcome: Outcome, released: Released | None, section: "RequestSection"
) -> "tuple[Leak | None, tuple[Card, ...]]":
    """Return the worst answer and all cards, from the records of the model state that is shown."""
    from siu.finetuning_data import picture_paths
    from siu.report import make_cards, worst_leak

    collection, request_id = job.collection(), outcome.request_id
    answers = read_answers(outcome.outputs["evaluate"].folder)
    records = _released_records(job, released, request_id) if released else answers
    paths = picture_paths(collection, *(request.image for request in job.requests))
    shown = collection.pictures_of(job.concept(request_id).id)
    files = {Path(picture.file).name: collection.path(picture) for picture in shown}
    before = answers_before(job, request_id, records)
    cards = make_cards(before, records, answers if released else None, paths)
    assert section.verdict is not None
    leak = worst_leak(section.verdict, records, section.findings, job.params.gates, paths, files)
    return leak, cards


def _released_records(job: Job, released: Released, request_id: str) -> "Records":
    return {
        **read_answers(RELEASED_ANSWERS.output(job, ReleasePart(released.subject, request_id))),
        **read_answers(RELEASED_ANSWERS.output(job, ReleasePart(released.subject, RETAINED))),
    }


def _losses(outcome: Outcome) -> tuple[float, ...]:
    rows = read_jsonl(outcome.outputs["unlearn"].folder / LOSSES)
    return tuple(float(row["loss"]) for row in rows)
