"""The release measured on all its concepts, and once on everything that must stay.

A subject is a release's subject, a slash, and a released request's id or ``retained``.
"""

from pathlib import Path
from typing import Any

from tasks.answers import (
    BEFORE,
    RETAINED,
    about_concept,
    about_retained,
    ask,
    question_inputs,
    read_answers,
)
from tasks.attack import record_attack_inputs, suite_inputs, write_attacks
from tasks.evaluate import answers_before, judge_inputs, write_scorecards
from tasks.findings import Target, find_all, save_findings
from tasks.job import Job
from tasks.release import RELEASE, members
from tasks.stage import Stage
from tasks.unlearn import ADAPTER
from tasks.workers import OnProgress


def subject_of(release: str, part: str) -> str:
    """Return the subject of a part of a release: a request's id or ``retained``."""
    return f"{release}/{part}"


def _answer_inputs(job: Job, subject: str) -> dict[str, Any]:
    release, part = subject.split("/")
    forgotten = members(release) if part == RETAINED else [part]
    return {"adapter": RELEASE.digest(job, release), "part": part, **question_inputs(job, forgotten)}


def _answer_work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    release, part = subject.split("/")
    retained = part == RETAINED
    questions = about_retained(job, members(release)) if retained else about_concept(job, part)
    before = read_answers(BEFORE.output(job, part))
    ask(job, RELEASE.output(job, release) / ADAPTER, questions, folder, on_progress, before)


RELEASED_ANSWERS = Stage("released-answers", _answer_inputs, _answer_work)


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
