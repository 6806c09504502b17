"""The release's answers: on each of its concepts, and once on everything that must stay.

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
"""Their records; scorecards and attacks are made of them elsewhere, so asking needs none of that code."""
