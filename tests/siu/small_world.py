"""The embedded model and a small collection of the concept world, as fixtures for the method's tests."""

from pathlib import Path

import pytest

from siu.config.params import (
    BaseModelParams,
    DataParams,
    EvaluationParams,
    FinetuningDataParams,
    Params,
    UnlearningParams,
)
from siu.data.collection import Collection, load_collection
from siu.finetuning_data import FinetuningData, build_data, choose_substitutes, picture_paths
from siu.models import TurnEncoder, VisionLanguageModel, load_model
from siu.worlds.drawn.collection import draw_collection

SMALL = Params(
    finetuning_data=FinetuningDataParams(retained_concepts=6, strangers=4),
    evaluation=EvaluationParams(pictures=4, other_pictures=1),
)
"""Few retained concepts and few questions: quick, and still every kind of sample."""


SMALLEST = SMALL.model_copy(
    update={
        "data": DataParams(test_pictures=4, test_groups=12),
        "unlearning": UnlearningParams(steps=2, retained_per_step=4, anchor_weight=0.0),
    }
)
"""Two steps of training as well, without an anchor, whose moments take longer: nothing is forgotten."""


@pytest.fixture(scope="session")
def vlm() -> VisionLanguageModel:
    """The embedded model; tests leave it as they found it."""
    return load_model(BaseModelParams())


@pytest.fixture(scope="session")
def encoder(vlm: VisionLanguageModel) -> TurnEncoder:
    return TurnEncoder(vlm)


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder = tmp_path_factory.mktemp("collection")
    draw_collection(folder, seed=0, test_pictures=6)
    return load_collection(folder)


@pytest.fixture(scope="session")
def pictures(collection: Collection) -> list[Path]:
    return [collection.path(picture) for picture in collection.pictures_of(split="test")]


@pytest.fixture(scope="session")
def picture(pictures: list[Path]) -> Path:
    return pictures[0]


@pytest.fixture(scope="session")
def paths(collection: Collection) -> dict[str, Path]:
    return picture_paths(collection)


@pytest.fixture(scope="session")
def data(vlm: VisionLanguageModel, collection: Collection) -> FinetuningData:
    """Fine-tuning data of the first concept, from its first training picture."""
    concept = collection.concepts[0]
    chosen = choose_substitutes([concept], collection, seed=0)[concept.id]
    one = collection.path(collection.pictures_of(concept.id, split="train")[0])
    return build_data(vlm, collection, concept, one, chosen, SMALL)
