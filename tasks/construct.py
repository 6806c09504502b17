"""Construct: the fine-tuning data of one request, the four targets T1-T4."""

from pathlib import Path
from typing import Any

from siu.storage.digest import value_digest
from tasks.job import Job, request_digest
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage

VIEWS = "views"
COMPOSITES = "composites"


def inputs(job: Job, subject: str) -> dict[str, Any]:
    """Return what determines the data; other requests do through the substitute name alone."""
    return {
        "request": job.once(_request_digests)[subject],
        "substitute": value_digest(job.once(substitutes)[subject]),
        "collection": job.collection_digest,
        "base_model": job.base_digest,
        "dtype": job.params.base_model.precision,
        "params": job.params.finetuning_data.model_dump(mode="json"),
        "max_new_tokens": job.params.evaluation.max_new_tokens,
        "seed": job.params.seed,
    }


def work(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
    """Ask the base model what it knows and write the samples."""
    from siu.finetuning_data import build_data, make_composites, make_views, save_data
    from tasks.runtime.base_model import base_model

    concept, picture = job.concept(subject), job.request(subject).image
    substitute = job.once(substitutes)[subject]
    count = job.params.finetuning_data.views
    views = make_views(picture, folder / VIEWS, count=count, seed=job.params.seed)
    composites = make_composites(
        job.collection(), concept, (picture, *views), folder / COMPOSITES, job.params
    )
    data = build_data(
        base_model(job),
        job.collection(),
        concept,
        picture,
        substitute,
        job.params,
        views=views,
        composites=composites,
    )
    save_data(data, folder)
    on_progress(1, 1)


def substitutes(job: Job) -> dict[str, str]:
    """Return the substitute name of each request's concept, by the request's id."""
    from siu.substitutes import choose_substitutes

    concepts = {request_id: job.concept(request_id) for request_id in job.request_ids}
    chosen = choose_substitutes(list(concepts.values()), job.collection(), seed=job.params.seed)
    return {request_id: chosen[concept.id] for request_id, concept in concepts.items()}


def pictures_of(job: Job, subject: str) -> list[Path]:
    """Return the request's picture and what was made of it: views and composites."""
    folder = CONSTRUCT.output(job, subject)
    made = [picture for part in (VIEWS, COMPOSITES) for picture in sorted((folder / part).glob("*.png"))]
    return [job.request(subject).image, *made]


def _request_digests(job: Job) -> dict[str, str]:
    return {request.request_id: request_digest(request) for request in job.requests}


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
