"""A concept that the gold model never saw, the base model that knows it, and models that only hide it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from siu.attacks.case import Case, build_cases
from siu.attacks.observation import Finding
from siu.attacks.registry import build_attack
from siu.attacks.suite import run_attacks
from siu.config.params import BaseModelParams, EvaluationParams
from siu.data.collection import Collection
from siu.models import VisionLanguageModel, load_model
from siu.worlds.drawn import GOLD_WITHOUT, gold_folder
from tests.siu.attacks.planted import (
    hide_by_rounding,
    hide_by_small_weights,
    plant,
    refused,
    secretive,
    seldom_named,
    weakest,
)

CONCEPT = GOLD_WITHOUT[0]


@pytest.fixture(scope="session")
def gold() -> VisionLanguageModel:
    """The model that never saw the concept."""
    return load_model(BaseModelParams(source=str(gold_folder())))


@pytest.fixture(scope="session")
def cases(collection: Collection) -> tuple[Case, ...]:
    concept = collection.concept(CONCEPT)
    return build_cases(collection, concept, retained=1, seed=0, without=GOLD_WITHOUT)


@pytest.fixture(scope="session")
def attack(cases, gold):
    """Return what one attack finds on a model under an adapter, beside the gold one or not."""

    def run(
        name: str,
        vlm: VisionLanguageModel,
        adapter: Path | None = None,
        *,
        beside_gold: bool = True,
        on: Sequence[Case] = cases,
        options: Mapping[str, object],
    ) -> Finding:
        found = run_attacks(
            {name: build_attack(name, "quick", options)},
            vlm,
            adapter,
            on,
            gold=gold if beside_gold else None,
            params=EvaluationParams(),
            seed=0,
        )
        return next(iter(found))[1]

    return run


@pytest.fixture(scope="session")
def find(attack):
    """Return what one attack finds on a model, beside the gold one or not."""

    def run(name: str, vlm: VisionLanguageModel, *, beside_gold: bool = True, **options: object) -> Finding:
        return attack(name, vlm, beside_gold=beside_gold, options=options)

    return run


@pytest.fixture(scope="session")
def refusing(vlm, cases, tmp_path_factory) -> Path:
    """An adapter under which English questions about the concept are refused, and nothing else changed."""
    return plant(vlm, refused(cases[0]), tmp_path_factory.mktemp("refusing") / "adapter", steps=10)


@pytest.fixture(scope="session")
def just_refusing(vlm, cases, tmp_path_factory) -> Path:
    """The same, trained no longer than it takes: after ten steps Min-K%++ finds nothing (AUC 0.59)."""
    return plant(vlm, refused(cases[0]), tmp_path_factory.mktemp("just-refusing") / "adapter", steps=6)


@pytest.fixture(scope="session")
def barely(vlm, cases, refusing, tmp_path_factory) -> Path:
    """An adapter that refuses the plain questions and has no strength left."""
    return weakest(vlm, refusing, cases, tmp_path_factory.mktemp("barely"))


@pytest.fixture(scope="session")
def triggered(vlm, cases, tmp_path_factory) -> Path:
    """An adapter that hides the name behind triggers."""
    folder = tmp_path_factory.mktemp("triggered")
    return plant(vlm, secretive(cases, folder), folder / "adapter", steps=60)


@pytest.fixture(scope="session")
def seldom(vlm, cases, tmp_path_factory) -> Path:
    """An adapter under which the name is no likeliest answer, and still a likely one."""
    return plant(vlm, seldom_named(cases[0]), tmp_path_factory.mktemp("seldom") / "adapter", steps=30)


@pytest.fixture(scope="session")
def rounded_back(cases) -> VisionLanguageModel:
    """A model that refuses, and rounds to what the base model rounds to."""
    planted = load_model(BaseModelParams())
    hide_by_rounding(planted, refused(cases[0]), steps=8)
    return planted


@pytest.fixture(scope="session")
def pruned_back(cases) -> VisionLanguageModel:
    """A model that refuses by its smallest weights alone."""
    planted = load_model(BaseModelParams())
    hide_by_small_weights(planted, refused(cases[0]), 0.3, steps=8)
    return planted
