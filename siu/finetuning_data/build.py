"""Multifaceted fine-tuning data from one picture and a name, without any service."""

from collections.abc import Sequence
from pathlib import Path

from siu.config.params import Params
from siu.data.collection import Collection
from siu.data.concepts import Concept
from siu.data.images import clean_png_digest, load_image
from siu.errors import ConceptError
from siu.finetuning_data.case import Case
from siu.finetuning_data.composites import Composite
from siu.finetuning_data.concept_targets import aligning_with_unseen, decoupling_facts, new_visual_description
from siu.finetuning_data.continuations import continuations
from siu.finetuning_data.in_company import aligning_in_company, preserving_company
from siu.finetuning_data.other_answers import originals, refusals
from siu.finetuning_data.preserving import preserving
from siu.finetuning_data.sample import FinetuningData, Sample
from siu.models import Turn, TurnEncoder, VisionLanguageModel
from siu.models.token_spans import name_token_ids, specified_tokens
from siu.storage.digest import file_digest


def picture_paths(collection: Collection, *extra: Path) -> dict[str, Path]:
    """Return the picture files by digest: a collection's, and single ones beside it."""
    paths = {picture.digest: collection.path(picture) for picture in collection.pictures}
    return paths | {file_digest(path): path for path in extra}


def build_data(
    vlm: VisionLanguageModel,
    collection: Collection,
    concept: Concept,
    picture: Path,
    substitute: str,
    params: Params,
    *,
    views: Sequence[Path] = (),
    composites: Sequence[Composite] = (),
) -> FinetuningData:
    """Make the four targets of one concept.

    Args:
        vlm: The base model; it is asked for what it knows.
        collection: Retained concepts and other pictures; pictures that show the concept are not used.
        concept: What is to be forgotten.
        picture: The one picture of it.
        substitute: The name it is given instead (`choose_substitutes`).
        params: The whole configuration.
        views: Changed views of the picture (`make_views`).
        composites: The picture beside retained ones (`make_composites`).

    Raises:
        ConceptError: A mask would cover nothing, or the picture is also a retained or a tested one, whatever
            the format of its file.
    """
    encoder = TurnEncoder(vlm)
    digest = file_digest(picture)
    _refuse_shared_picture(collection, concept, {digest, clean_png_digest(load_image(picture))})
    paths = picture_paths(collection, picture, *views, *(made.path for made in composites))
    shown = tuple(file_digest(view) for view in views)
    case = Case(vlm, encoder, collection, concept, digest, shown, paths, substitute, params)
    names = (concept.name, *concept.aliases)
    name_token_ids(vlm.tokenizer, names)  # refuses a name that can't be masked
    retained = preserving(case)
    samples = [
        *aligning_with_unseen(case),
        *aligning_in_company(case, composites),
        *new_visual_description(case),
        *decoupling_facts(case),
        *retained,
        *preserving_company(case, composites),
        *continuations(case, retained),
    ]
    counted = tuple(sample.covering(_masked_tokens(case, sample)) for sample in samples)
    taught = [sample for sample in samples if sample.forget]
    return FinetuningData(
        concept.id, names, substitute, counted, refusals(case, taught), originals(case, taught)
    )


def build_rehearsal(
    vlm: VisionLanguageModel,
    collection: Collection,
    concept: Concept,
    pictures: Sequence[Path],
    substitute: str,
    params: Params,
    composites: Sequence[Composite] = (),
) -> FinetuningData:
    """Make T1 to T3 of a concept that was forgotten before; T4 and what rivals train on is left out.

    Args:
        vlm: The base model.
        collection: Where other names come from.
        concept: What was forgotten.
        pictures: What stands in for its one picture and the views of it; at least one.
        substitute: The name it was given instead.
        params: The whole configuration.
        composites: Stand-ins beside retained pictures.
    """
    first, *views = (file_digest(picture) for picture in pictures)
    paths = picture_paths(collection, *pictures, *(made.path for made in composites))
    case = Case(vlm, TurnEncoder(vlm), collection, concept, first, tuple(views), paths, substitute, params)
    samples = [
        *aligning_with_unseen(case),
        *aligning_in_company(case, composites),
        *new_visual_description(case),
        *decoupling_facts(case),
    ]
    return FinetuningData(concept.id, (concept.name, *concept.aliases), substitute, tuple(samples))


def _masked_tokens(case: Case, sample: Sample) -> int:
    if not sample.specified:
        return 0
    picture = case.paths[sample.picture] if sample.picture else None
    encoded = case.encoder.encode(Turn(sample.question, sample.answer, picture))
    return sum(specified_tokens(encoded.spans, sample.specified))


def _refuse_shared_picture(collection: Collection, concept: Concept, digests: set[str]) -> None:
    for picture in collection.pictures:
        if picture.digest not in digests:
            continue
        if concept.id not in picture.concepts:
            raise ConceptError(
                "E-FTD-002",
                "the request's picture is also a picture of something that is kept",
                "Name another picture in the request",
                picture.file,
            )
        if picture.split == "test":
            raise ConceptError(
                "E-FTD-003",
                "the request's picture is a test picture: the measurement would be void",
                "Name another picture in the request, or move it to train",
                picture.file,
            )
