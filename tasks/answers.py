"""Records of model states: every metric and attack is a function of them.

The base model is asked about each concept once, and once about everything that must stay; all concepts and
releases share these answers. The questions are a concept's (a request's id) or the retained ones.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.digest import file_digest
from tasks.construct import CONSTRUCT
from tasks.job import Job
from tasks.stage import Stage
from tasks.workers import OnProgress

if TYPE_CHECKING:
    from siu.mmubench import Question, Records

RECORDS = "records.parquet"
RETAINED = "retained"
KNOWN = "known.json"


def question_inputs(job: Job, subjects: Iterable[str]) -> dict[str, Any]:
    """Return what determines the questions about these subjects and how they are answered."""
    data = [CONSTRUCT.digest(job, subject) for subject in subjects if subject != RETAINED]
    return {
        "data": data,
        "collection": job.collection_digest,
        "base_model": job.base_digest,
        "dtype": job.params.base_model.precision,
        "params": job.params.evaluation.model_dump(mode="json"),
    }


def about_concept(job: Job, subject: str) -> "tuple[Question, ...]":
    """Return the questions about one request's concept."""
    from siu.finetuning_data import load_data
    from siu.mmubench import concept_questions

    collection, request = job.collection(), job.request(subject)
    data = load_data(CONSTRUCT.output(job, subject))
    concept = job.concept(subject)
    return concept_questions(collection, concept, data, file_digest(request.image), job.params.evaluation)


def about_retained(job: Job, forgotten: Iterable[str]) -> "tuple[Question, ...]":
    """Return the questions about everything but the concepts of these requests."""
    from siu.mmubench import retained_questions

    collection = job.collection()
    without = frozenset(job.concept(subject).id for subject in forgotten)
    return retained_questions(collection, job.params.evaluation, without=without)


def ask(
    job: Job, adapter: Path | None, questions: "Iterable[Question]", folder: Path, on_progress: OnProgress
) -> "Records":
    """Put questions to a model state and write the records."""
    from siu.finetuning_data import picture_paths
    from siu.mmubench import answer_questions, save_records
    from tasks.base_model import base_model

    asked = tuple(questions)
    done = 0

    def count(answered: int) -> None:
        nonlocal done
        done += answered
        on_progress(done, len(asked))

    paths = picture_paths(job.collection(), *(request.image for request in job.requests))
    records = answer_questions(base_model(job), adapter, asked, paths, job.params.evaluation, on_done=count)
    save_records(records, folder / RECORDS)
    return records


def read_answers(folder: Path) -> "Records":
    """Read the records that a stage left."""
    from siu.mmubench import load_records

    return load_records(folder / RECORDS)


def _inputs(job: Job, subject: str) -> dict[str, Any]:
    return question_inputs(job, [subject])


def _work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    questions = about_retained(job, ()) if subject == RETAINED else about_concept(job, subject)
    records = ask(job, None, questions, folder, on_progress)
    if subject != RETAINED:
        from siu.mmubench.metrics import naming_rate

        known = {"naming_rate": naming_rate(records)}
        (folder / KNOWN).write_text(json.dumps(known) + "\n", encoding="utf-8")


BEFORE = Stage("before", _inputs, _work)
"""The base model's answers; the subject is a request's id or ``retained``."""
