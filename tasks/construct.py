"""Construct: the fine-tuning data of one request, the four targets T1-T4."""

from pathlib import Path
from typing import Any

from tasks.job import Job, request_digest
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage

VIEWS = "views"


def inputs(job: Job, subject: str) -> dict[str, Any]:
    """Return what determines the data; earlier requests do, since no substitute name is given twice."""
    *earlier, wanted = _asked_so_far(job, subject)
    return {
        "request": wanted,
        "earlier_requests": earlier,
        "collection": job.collection_digest,
        "base_model": job.base_digest,
        "dtype": job.params.base_model.precision,
        "params": job.params.finetuning_data.model_dump(mode="json"),
        "max_new_tokens": job.params.evaluation.max_new_tokens,
        "seed": job.params.seed,
    }


def work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    """Ask the base model what it knows and write the samples."""
    from siu.finetuning_data import build_data, choose_substitutes, make_views, save_data
    from tasks.runtime.base_model import base_model

    collection = job.collection()
    ids = job.request_ids[: len(_asked_so_far(job, subject))]
    concepts = [job.concept(request_id) for request_id in ids]
    substitute = choose_substitutes(concepts, collection, seed=job.params.seed)[concepts[-1].id]
    picture = job.request(subject).image
    count = job.params.finetuning_data.views
    views = make_views(picture, folder / VIEWS, count=count, seed=job.params.seed)
    data = build_data(base_model(job), collection, concepts[-1], picture, substitute, job.params, views=views)
    save_data(data, folder)
    on_progress(1, 1)


def pictures_of(job: Job, subject: str) -> list[Path]:
    """Return the request's picture and its views."""
    views = CONSTRUCT.output(job, subject) / VIEWS
    return [job.request(subject).image, *sorted(views.glob("*.png"))]


def _asked_so_far(job: Job, subject: str) -> list[str]:
    """Return what is asked for, up to the first request that asks for the same: its data serve both."""
    digests = [request_digest(request) for request in job.requests[: job.request_ids.index(subject) + 1]]
    return digests[: digests.index(digests[-1]) + 1]


CONSTRUCT = Stage(
    "construct",
    inputs,
    work,
    makes="samples of the four targets, the substitute name",
    reads=("prepare",),
    params=("seed", "finetuning_data", "evaluation.max_new_tokens"),
    files=("requests.csv", "requests"),
    event="constructed",
)
