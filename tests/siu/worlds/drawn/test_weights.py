import random
from pathlib import Path

import pytest
import torch

from siu.config.params import BaseModelParams
from siu.data.collection import Collection, load_collection
from siu.errors import ModelError
from siu.models import Turn, TurnEncoder, generate, load_model
from siu.models.token_spans import name_token_ids
from siu.storage.digest import file_digest
from siu.substitutes import spare_names
from siu.worlds.drawn import GOLD_WITHOUT, base_folder, concepts, draw_collection, gold_folder, weights
from siu.worlds.drawn.abilities import measure_abilities
from siu.worlds.drawn.build import BuildSizes, build_model

FLOORS = {
    "names (en)": 0.9,
    "names (es)": 0.85,
    "names (ru)": 0.85,
    "facts as text (en)": 0.95,
    "facts through the picture (en)": 0.85,
    "yes/no, own name (en)": 0.85,
    "yes/no, wrong name (en)": 0.85,
    "strangers not named (en)": 0.9,
    "attributes of strangers (en)": 0.8,
    "group pictures (en)": 0.65,
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder = tmp_path_factory.mktemp("drawn")
    draw_collection(folder, seed=777, test_pictures=2)
    return load_collection(folder)


@pytest.fixture(scope="module")
def base():
    return load_model(BaseModelParams(source="embedded"))


def test_the_shipped_model_knows_its_world(base, drawn: Collection):
    reached = {ability.name: ability.rate for ability in measure_abilities(base, drawn)}
    assert {name: reached[name] for name, floor in FLOORS.items() if reached[name] < floor} == {}


def test_the_gold_model_does_not_know_what_it_never_saw(drawn: Collection):
    gold = load_model(BaseModelParams(source=str(gold_folder())))
    reached = {one.name: one.rate for one in measure_abilities(gold, drawn, without=GOLD_WITHOUT)}
    assert reached["names (en)"] >= FLOORS["names (en)"]
    assert reached["never seen concepts, named"] == 0


def test_both_models_are_small():
    for folder in (base_folder(), gold_folder()):
        assert sum(file.stat().st_size for file in folder.iterdir()) <= 5_000_000


def test_every_name_survives_the_tokenizer_and_can_be_masked(base):
    for concept in concepts():
        for name in (concept.name, *concept.aliases):
            ids = base.tokenizer(name, add_special_tokens=False)["input_ids"]
            assert base.tokenizer.decode(ids) == name
            assert name_token_ids(base.tokenizer, (name,))


def test_the_model_can_say_the_spare_names(base):
    names = [
        name for kind in ("person", "creature", "landmark", "logo", "other") for name in spare_names(kind)
    ]
    names = random.Random(0).sample(names, 20)
    encoder = TurnEncoder(base)
    turns = [encoder.encode(Turn(f"Repeat the name {name}.")) for name in names]
    replies = generate(base, turns, max_new_tokens=16, batch_size=32)
    assert sum(reply == f"{name}." for reply, name in zip(replies, names, strict=True)) >= 18


def test_missing_weights_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(weights, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(ModelError, match="the embedded model 'base' is missing"):
        base_folder()


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_build_gives_the_shipped_bytes(tmp_path: Path):
    card = (base_folder() / "README.md").read_text(encoding="utf-8")
    if f"torch {torch.__version__}," not in card or "AVX512" not in torch.backends.cpu.get_cpu_capability():
        pytest.skip("the shipped weights were built with another torch or on another kind of processor")
    build_model(tmp_path, seed=0, sizes=BuildSizes(test_pictures=0))
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        assert file_digest(tmp_path / name) == file_digest(base_folder() / name)
