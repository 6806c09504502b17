"""The release's answers: on each of its concepts, and once on everything that must stay."""

from pathlib import Path
from typing import Any

from tasks.answers import (
    BEFORE,
    about_concept,
    about_retained,
    ask,
    question_inputs,
    read_answers,
)
from tasks.job import Job
from tasks.release import RELEASE
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage
from tasks.subjects import ReleasePart, Retained
from tasks.unlearn import ADAPTER


def _answer_inputs(job: Job, subject: ReleasePart) -> dict[str, Any]:
    release, part = subject.release, subject.part
    forgotten = release.request_ids if isinstance(part, Retained) else [part]
    return {"adapter": RELEASE.digest(job, release), "part": str(part), **question_inputs(job, forgotten)}


def _answer_work(job: Job, subject: ReleasePart, folder: Path, on_progress: OnProgress) -> None:
    release, part = subject.release, subject.part
    is_retained = isinstance(part, Retained)
    questions = about_retained(job, release.request_ids) if is_retained else about_concept(job, str(part))
    before = read_answers(BEFORE.output(job, part))
    ask(job, RELEASE.output(job, release) / ADAPTER, questions, folder, on_progress, before)


RELEASED_ANSWERS = Stage(
    "released-answers",
    _answer_inputs,
    _answer_work,
    makes="the release's records per part",
    reads=("before", "release"),
    step="release",
)
"""Their records; scorecards and attacks are made of them elsewhere, so asking needs none of that code."""
