"""The release measured on each of its concepts."""

from pathlib import Path
from typing import Any

from tasks.answers import read_answers
from tasks.attack import record_attack_inputs, suite_inputs, write_attacks
from tasks.evaluate import answers_before, judge_inputs, write_scorecards
from tasks.findings import Target, find_all, save_findings
from tasks.job import Job
from tasks.release import RELEASE
from tasks.released_answers import RELEASED_ANSWERS
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage
from tasks.subjects import RETAINED, Release, ReleasePart
from tasks.unlearn import ADAPTER


def _inputs(job: Job, subject: ReleasePart) -> dict[str, Any]:
    retained = ReleasePart(subject.release, RETAINED)
    records = [RELEASED_ANSWERS.digest(job, part) for part in (subject, retained)]
    profile = job.params.attacks.release
    suite = {} if profile == "none" else suite_inputs(job, profile)
    return {"records": records, **suite, **record_attack_inputs(job), **judge_inputs(job)}


def _work(job: Job, subject: ReleasePart, folder: Path, on_progress: OnProgress) -> None:
    release, request_id = subject.release, str(subject.part)
    after = {
        **read_answers(RELEASED_ANSWERS.output(job, subject)),
        **read_answers(RELEASED_ANSWERS.output(job, ReleasePart(release, RETAINED))),
    }
    before = answers_before(job, request_id, after)
    write_scorecards(job, before, after, folder)
    write_attacks(job, before, after, folder)
    save_findings(find_all(job, _target(job, release, request_id), on_progress), folder)
    on_progress(1, 1)


def _target(job: Job, release: Release, request_id: str) -> Target:
    concept = job.concept(request_id)
    forgotten = dict.fromkeys(job.concept(member).id for member in release.request_ids)
    forgotten_beside = tuple(concept_id for concept_id in forgotten if concept_id != concept.id)
    adapter = RELEASE.output(job, release) / ADAPTER
    return Target(concept, adapter, job.params.attacks.release, forgotten_beside)


RELEASED = Stage(
    "released",
    _inputs,
    _work,
    makes="the release's scorecards and attacks per request",
    reads=("before", "release", "released-answers"),
    step="release",
)
"""Scorecards and attacks of the release on one of its requests; which attacks is `attacks.release`."""
