from pathlib import Path

import pytest
import torch

from siu.config.params import BaseModelParams
from siu.errors import InputError
from siu.models import load_model
from siu.storage.digest import folder_digest
from siu.worlds.drawn.build import BuildSizes, build_model
from siu.worlds.drawn.training.pool import PoolSizes
from siu.worlds.drawn.training.speaking import SpeakingSizes
from siu.worlds.drawn.training.together import TogetherSizes

TINY = BuildSizes(
    pool=PoolSizes(pictures=1, look_alikes=1, strangers=4, groups=4),
    seeing=3,
    seeing_batch=8,
    speaking=SpeakingSizes(warm_up=1, steps=2, rows=4, text_rows=2, questions=2),
    together=TogetherSizes(pool=PoolSizes(1, 1, 4, 4), steps=2, rows=4, text_rows=2, questions=2),
    test_pictures=0,
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    torch.set_num_threads(1)
    build_model(folder, seed=0, sizes=TINY)
    return folder


def test_two_builds_give_equal_bytes(built: Path, tmp_path: Path):
    build_model(tmp_path, seed=0, sizes=TINY)
    assert folder_digest(tmp_path) == folder_digest(built)


def test_another_seed_gives_another_model(built: Path, tmp_path: Path):
    steps = []
    build_model(
        tmp_path, seed=1, sizes=TINY, on_progress=lambda stage, step, loss: steps.append((stage, step))
    )
    assert folder_digest(tmp_path) != folder_digest(built)
    stages = {"seeing": 3, "speaking": 3, "together": 2}
    assert steps == [(stage, step) for stage, count in stages.items() for step in range(count)]


def test_a_built_model_is_loaded_like_any_other(built: Path):
    vlm = load_model(BaseModelParams(source=str(built)))
    assert vlm.model.config.model_type == "llava"
    assert vlm.model.generation_config.eos_token_id == vlm.tokenizer.eos_token_id
    assert sum(file.stat().st_size for file in built.iterdir()) <= 5_000_000


def test_the_model_card_says_what_was_left_out(tmp_path: Path):
    build_model(tmp_path, seed=0, without=("c02", "c11"), sizes=TINY)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "recognises 22 made-up" in card
    assert "without the concepts c02, c11" in card


@pytest.mark.parametrize("taken", ["folder", "file"])
def test_a_place_that_is_taken_is_left_alone(tmp_path: Path, taken: str):
    place, own = tmp_path / "place", b"mine"
    file = place / "own.txt" if taken == "folder" else place
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(own)
    with pytest.raises(InputError, match=r"E-MOD-027 .*place: the place of the model is taken"):
        build_model(place, seed=0, sizes=TINY, on_progress=refuse_to_train)
    assert file.read_bytes() == own


def test_a_concept_that_is_not_there_is_named_before_training(tmp_path: Path):
    with pytest.raises(InputError, match=r"E-COL-001 .*'c99'.* Use some of c01, "):
        build_model(
            tmp_path / "gold", seed=0, without=("c02", "c99"), sizes=TINY, on_progress=refuse_to_train
        )
    assert not (tmp_path / "gold").exists()


def refuse_to_train(stage: str, step: int, loss: float) -> None:
    pytest.fail(f"{stage} has begun")
