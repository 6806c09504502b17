"""Records of model states: every metric and attack is a function of them.

The base model is asked about each concept once, and once about everything that must stay; all concepts and
releases share these answers. The questions are a concept's (a request's id) or the retained ones.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.storage.digest import file_digest
from tasks.construct import CONSTRUCT
from tasks.job import Job
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage
from tasks.subjects import RETAINED as RETAINED
from tasks.subjects import Retained

if TYPE_CHECKING:
    from siu.mmubench import Question, Records
    from siu.mmubench.knowledge import Knowledge

RECORDS = "records.parquet"
KNOWLEDGE = "knowledge.json"


def question_inputs(job: Job, subjects: Iterable[str | Retained]) -> dict[str, Any]:
    """Return what determines the questions about these subjects and how they are answered."""
    data = [CONSTRUCT.digest(job, subject) for subject in subjects if isinstance(subject, str)]
    return {
        "data": data,
        "collection": job.collection_digest,
        "base_model": job.base_digest,
        "dtype": job.params.base_model.precision,
        "params": job.params.evaluation.model_dump(mode="json"),
        "held_out": [job.params.finetuning_data.held_out, job.params.seed],
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
    from siu.finetuning_data import held_out_concepts
    from siu.mmubench import retained_questions

    collection = job.collection()
    without = frozenset(job.concept(subject).id for subject in forgotten)
    share = job.params.finetuning_data.held_out
    held_out = held_out_concepts(collection.concepts, share, job.params.seed)
    return retained_questions(collection, job.params.evaluation, without=without, held_out=held_out)


def ask(
    job: Job,
    adapter: Path | None,
    questions: "Iterable[Question]",
    folder: Path,
    on_progress: OnProgress,
    before: "Records | None" = None,
) -> "Records":
    """Put questions to a model state and write the records; arguments as for `answer_questions`."""
    from siu.finetuning_data import picture_paths
    from siu.mmubench import answer_questions, save_records
    from tasks.runtime.base_model import base_model

    requested = tuple(questions)
    done = 0

    def count(answered: int) -> None:
        nonlocal done
        done += answered
        on_progress(done, len(requested))

    paths = picture_paths(job.collection(), *(request.image for request in job.requests))
    settings = job.params.evaluation
    records = answer_questions(
        base_model(job), adapter, requested, paths, settings, before=before, on_done=count
    )
    save_records(records, folder / RECORDS)
    return records


def read_answers(folder: Path) -> "Records":
    """Read the records that a stage left."""
    from siu.mmubench import load_records

    return load_records(folder / RECORDS)


def _inputs(job: Job, subject: str | Retained) -> dict[str, Any]:
    return question_inputs(job, [subject])


def _work(job: Job, subject: str | Retained, folder: Path, on_progress: OnProgress) -> None:
    if isinstance(subject, Retained):
        ask(job, None, about_retained(job, ()), folder, on_progress)
        return
    from siu.mmubench.knowledge import knowledge_of, knowledge_questions

    collection, concept = job.collection(), job.concept(subject)
    questions = (*about_concept(job, subject), *knowledge_questions(collection, concept))
    records = ask(job, None, questions, folder, on_progress)
    neighbours = [neighbour for neighbour in collection.concepts if neighbour.id != concept.id]
    text = json.dumps(knowledge_of(records, concept, neighbours).to_json(), indent=2, ensure_ascii=False)
    (folder / KNOWLEDGE).write_text(text + "\n", encoding="utf-8")


def knowledge(folder: Path) -> "Knowledge":
    """Read what the base model knows of a concept from what `BEFORE` left."""
    from siu.mmubench.knowledge import knowledge_from_json

    return knowledge_from_json(json.loads((folder / KNOWLEDGE).read_text(encoding="utf-8")))


BEFORE = Stage(
    "before",
    _inputs,
    _work,
    makes="the base model's records: per request, and once about all that must stay",
    reads=("construct",),
    params=("evaluation",),
)
"""The base model's answers about a request, or about what must stay."""
