"""The release measured on each of its concepts; subjects as in `tasks.released_answers`."""

from pathlib import Path
from typing import Any

from tasks.answers import RETAINED, read_answers
from tasks.attack import record_attack_inputs, suite_inputs, write_attacks
from tasks.evaluate import answers_before, judge_inputs, write_scorecards
from tasks.findings import Target, find_all, save_findings
from tasks.job import Job
from tasks.release import RELEASE, members
from tasks.released_answers import RELEASED_ANSWERS, subject_of
from tasks.stage import Stage
from tasks.unlearn import ADAPTER
from tasks.workers import OnProgress


def _inputs(job: Job, subject: str) -> dict[str, Any]:
    release, part = subject.split("/")
    records = [RELEASED_ANSWERS.digest(job, subject_of(release, one)) for one in (part, RETAINED)]
    profile = job.params.attacks.release
    suite = {} if profile == "none" else suite_inputs(job, profile)
    return {"records": records, **suite, **record_attack_inputs(job), **judge_inputs(job)}


def _work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    release, part = subject.split("/")
    after = {
        **read_answers(RELEASED_ANSWERS.output(job, subject)),
        **read_answers(RELEASED_ANSWERS.output(job, subject_of(release, RETAINED))),
    }
    before = answers_before(job, part, after)
    write_scorecards(job, before, after, folder)
    write_attacks(job, before, after, folder)
    save_findings(find_all(job, _target(job, release, part), on_progress), folder)
    on_progress(1, 1)


def _target(job: Job, release: str, part: str) -> Target:
    concept, forgotten = job.concept(part), [job.concept(one).id for one in members(release)]
    others = tuple(one for one in dict.fromkeys(forgotten) if one != concept.id)
    adapter = RELEASE.output(job, release) / ADAPTER
    return Target(concept, adapter, job.params.attacks.release, others)


RELEASED = Stage("released", _inputs, _work)
"""Scorecards and attacks of the release on one of its requests; which attacks is `attacks.release`."""
