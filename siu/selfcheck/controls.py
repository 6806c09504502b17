"""Negative controls: adapters that must not pass for an unlearned concept, made from another concept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from siu.config.params import Params
from siu.data.collection import Collection
from siu.data.concepts import Concept
from siu.finetuning_data import (
    FinetuningData,
    build_data,
    choose_substitutes,
    make_composites,
    make_views,
    picture_paths,
)
from siu.language.phrasings import answer
from siu.mmubench import Records
from siu.models import VisionLanguageModel
from siu.unlearning import TrainingInput, unlearn

WEIGHTS = "adapter_model.safetensors"
_REFUSED = 200
"""Refused questions, about: to refuse is quickly learned."""
ANOTHER, NOISE, REFUSES, COLLAPSED = "another concept", "noise", "refuses everything", "collapsed"
DENIES = "denies everything"
_YES_NO = ("yes_no", "other_yes_no")


@dataclass(frozen=True)
class Teacher:
    """What the controls are trained with.

    Attributes:
        vlm: The base model.
        data: Fine-tuning data of the other concept.
        paths: Picture file by digest.
        params: The whole configuration.
    """

    vlm: VisionLanguageModel
    data: FinetuningData
    paths: dict[str, Path]
    params: Params

    def train(self, folder: Path, data: FinetuningData, **unlearning: Any) -> Path:
        """Train an adapter with some settings of its own and return its folder."""
        settings = self.params.unlearning.model_copy(update=unlearning)
        params = self.params.model_copy(update={"unlearning": settings})
        unlearn(TrainingInput(self.vlm, [data], self.paths, params), folder)
        return folder


def teacher(
    vlm: VisionLanguageModel, collection: Collection, unrelated: Concept, params: Params, folder: Path
) -> Teacher:
    """Return a teacher with the fine-tuning data of a concept, from its first training picture.

    Args:
        vlm: The base model.
        collection: Holds the concept and what is retained.
        unrelated: The concept; not one that the controls are measured on.
        params: The whole configuration.
        folder: Where views of the picture go.
    """
    picture = collection.path(collection.pictures_of(unrelated.id, split="train")[0])
    views = make_views(picture, folder / "views", count=params.finetuning_data.views, seed=params.seed)
    substitute = choose_substitutes([unrelated], collection, seed=params.seed)[unrelated.id]
    composites = make_composites(collection, unrelated, (picture, *views), folder / "composites", params)
    data = build_data(
        vlm, collection, unrelated, picture, substitute, params, views=views, composites=composites
    )
    made = (*views, *(composite.path for composite in composites))
    return Teacher(vlm, data, picture_paths(collection, picture, *made), params)


def make_controls(
    teacher: Teacher, folder: Path, *, on_made: Callable[[str], None] = lambda name: None
) -> dict[str, Path]:
    """Train the controls and return their folders by name.

    Args:
        teacher: What they are trained with.
        folder: Where they go.
        on_made: Called with the name of each one that is made.
    """
    made: dict[str, Path] = {}
    for name, make in _MAKERS.items():
        made[name] = make(teacher, folder / name.replace(" ", "-"), made)
        on_made(name)
    return made


def _another(teacher: Teacher, folder: Path, made: dict[str, Path]) -> Path:
    """The adapter of another concept: it forgets, but not this."""
    return teacher.train(folder, teacher.data)


def _noise(teacher: Teacher, folder: Path, made: dict[str, Path]) -> Path:
    """The other concept's adapter with every matrix replaced by noise of the same norm."""
    copytree(made[ANOTHER], folder)
    generator = torch.Generator().manual_seed(teacher.params.seed)
    weights = load_file(made[ANOTHER] / WEIGHTS)
    save_file({name: _like(weight, generator) for name, weight in weights.items()}, folder / WEIGHTS)
    return folder


def _like(weight: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    noise = torch.randn(weight.shape, generator=generator)
    scaled: torch.Tensor = noise * (weight.float().norm() / noise.norm())
    return scaled.to(weight.dtype)


def _refuses(teacher: Teacher, folder: Path, made: dict[str, Path]) -> Path:
    """Every question of the fine-tuning data, also about what must stay, is answered by a refusal."""
    reply = answer("unknown", "person")
    step = max(1, len(teacher.data.samples) // _REFUSED)
    refusals = tuple(
        replace(sample, target="T2", answer=reply, specified=(), weight=1.0)
        for sample in teacher.data.samples[::step]
    )
    data = replace(teacher.data, refusals=refusals)
    return teacher.train(
        folder, data, objective="po", objective_options={"retain_weight": 0.0}, anchor_weight=0.0
    )


def _collapsed(teacher: Teacher, folder: Path, made: dict[str, Path]) -> Path:
    """Gradient ascent without a limit, which ends in no language at all."""
    lr = 3 * teacher.params.unlearning.lr
    return teacher.train(folder, teacher.data, objective="ga", objective_options={}, lr=lr, anchor_weight=0.0)


def denying(records: Records) -> Records:
    """Return the records of a model that says No to every "Is this …?" and else answers as these do."""
    no = answer("no", "person")
    return {
        key: replace(record, answer=no) if record.question.purpose in _YES_NO else record
        for key, record in records.items()
    }


_MAKERS: dict[str, Callable[[Teacher, Path, dict[str, Path]], Path]] = {
    ANOTHER: _another,
    NOISE: _noise,
    REFUSES: _refuses,
    COLLAPSED: _collapsed,
}
