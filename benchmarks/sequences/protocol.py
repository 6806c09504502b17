"""A sequence: requests in releases of two by one strategy, and what is measured after each release."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.sequences.measuring import measure
from siu.config.params import Params
from siu.data.collection import Collection
from siu.data.concepts import Concept
from siu.finetuning_data import (
    FinetuningData,
    build_data,
    choose_substitutes,
    load_data,
    make_composites,
    make_views,
    picture_paths,
    save_data,
)
from siu.models import VisionLanguageModel
from siu.strategies.strategy import ADAPTER, Release, Strategy

SELECTION = ("c06", "c09", "c13", "c14", "c19", "c20", "c22", "c24")
"""The concepts that settings are chosen on, as everywhere in the experiments; the others are measured."""
PER_RELEASE = 2
LEAKS_EVERY = 4
"""Answers are drawn after every fourth release and the last: that takes longest."""


def short_params(seed: int) -> Params:
    """Return a recipe at a quarter of the default's cost: English alone, fewer samples and steps.

    Both concepts of a release are trained on in every step.
    """
    params = Params(seed=seed)
    data = params.finetuning_data.model_copy(update={"languages": ("en",), "retained_picture_facts": 2})
    unlearning = params.unlearning.model_copy(
        update={
            "concept_share": 0.25 * PER_RELEASE,
            "retained_per_step": 40,
            "steps": 24,
            "anchor_weight": 0.0,
        }
    )
    release = params.release.model_copy(update={"steps_per_concept": 14, "concept_weight": 1.5})
    return params.model_copy(update={"finetuning_data": data, "unlearning": unlearning, "release": release})


def order_of(concepts: Sequence[str], number: int) -> tuple[str, ...]:
    """Return an order of requests: 0 shuffled, 1 its reverse, 2 and 3 the same of another shuffle."""
    shuffled = list(concepts)
    random.Random(f"order {number // 2}").shuffle(shuffled)
    return tuple(shuffled if number % 2 == 0 else reversed(shuffled))


@dataclass(frozen=True)
class Setting:
    """What all sequences have in common.

    Attributes:
        vlm: The base model.
        collection: Concepts and pictures.
        params: The recipe.
        folder: Where adapters go.
        cache: Where fine-tuning data is, or is put; data of a concept doesn't depend on the sequence.
        say: Called with a line after every release.
    """

    vlm: VisionLanguageModel
    collection: Collection
    params: Params
    folder: Path
    cache: Path
    say: Callable[[str], None] = field(default=print)


def run(setting: Setting, strategy: Strategy, order: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield what was measured after each release.

    Args:
        setting: The model, the world and the recipe.
        strategy: How releases follow each other.
        order: The requests' concepts.
    """
    collection, params = setting.collection, setting.params
    concepts = {concept_id: collection.concept(concept_id) for concept_id in order}
    data, paths = _constructed(setting, list(concepts.values()))
    previous: Path | None = None
    for number, start in enumerate(range(0, len(order), PER_RELEASE), 1):
        new, so_far = order[start : start + PER_RELEASE], order[: start + PER_RELEASE]
        folder = setting.folder / f"{number:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        trained = so_far if strategy.needs_pictures else new
        release = Release(
            vlm=setting.vlm,
            collection=collection,
            params=params,
            concepts=[concepts[concept_id] for concept_id in new],
            data=[data[concept_id] for concept_id in trained],
            paths=paths,
            steps=params.training_steps(len(so_far if strategy.trains_anew else new)),
            previous=previous,
            folder=folder,
        )
        began, previous = time.process_time(), folder
        strategy.train(release)
        seconds = time.process_time() - began
        leaks = len(so_far) == len(order) or number % LEAKS_EVERY == 0
        measured = [concepts[concept_id] for concept_id in so_far]
        measures = measure(setting.vlm, folder / ADAPTER, collection, measured, params, leaks=leaks)
        row = {
            "release": number,
            "new": list(new),
            "steps": release.steps,
            "cpu_seconds": seconds,
            **measures,
        }
        setting.say(_line(row))
        yield row


def earlier(row: dict[str, Any]) -> list[dict[str, float]]:
    """Return what was measured of the concepts that earlier releases forgot; of the first release all."""
    earlier = [values for concept, values in row["concepts"].items() if concept not in row["new"]]
    return earlier or list(row["concepts"].values())


def _line(row: dict[str, Any]) -> str:
    names = ("em", "em_bound", "yes_no", "text_facts", "leak_beyond")
    before = earlier(row)
    last = [row["concepts"][concept] for concept in row["new"]]
    parts = [f"release {row['release']}: {row['cpu_seconds']:.0f} s; mean, worst"]
    for title, group in (("earlier", before), ("new", last)):
        parts.append(f"{title}:")
        for name in names:
            values = [values[name] for values in group if name in values]
            if values:
                worst = max(values) if name == "leak_beyond" else min(values)
                parts.append(f"{name} {sum(values) / len(values):.2f} {worst:.2f}")
    return " ".join([*parts, "others:", *(f"{name} {value:.3f}" for name, value in row["others"].items())])


def _constructed(
    setting: Setting, concepts: list[Concept]
) -> tuple[dict[str, FinetuningData], dict[str, Path]]:
    """Return the fine-tuning data of all concepts, and all picture files by digest."""
    chosen = choose_substitutes(concepts, setting.collection, seed=setting.params.seed)
    made = [(concept, list(_pictures(setting, concept, chosen[concept.id]))) for concept in concepts]
    pictures = [picture for _, of_concept in made for picture in of_concept]
    data = {concept.id: load_data(setting.cache / concept.id) for concept, _ in made}
    return data, picture_paths(setting.collection, *pictures)


def _pictures(setting: Setting, concept: Concept, substitute: str) -> Iterator[Path]:
    """Make a concept's data unless it is there; yield the pictures that belong to it."""
    collection, params, folder = setting.collection, setting.params, setting.cache / concept.id
    picture = collection.path(collection.pictures_of(concept.id, split="train")[0])
    views = make_views(picture, folder / "views", count=params.finetuning_data.views, seed=params.seed)
    composites = make_composites(collection, concept, (picture, *views), folder / "composites", params)
    if not (folder / "concept.jsonl").is_file():
        data = build_data(
            setting.vlm, collection, concept, picture, substitute, params, views=views, composites=composites
        )
        save_data(data, folder)
    yield from views
    yield from (composite.path for composite in composites)
