"""Every strategy over two releases: what it goes on from, what it trains on, what it stores."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from siu.data.concepts import Concept
from siu.errors import StateError
from siu.finetuning_data import build_data, choose_substitutes, picture_paths
from siu.strategies.inversion import Inversion
from siu.strategies.memory import CONCEPTS, Memory
from siu.strategies.methods.stand_ins import StandIns
from siu.strategies.registry import strategy_class, strategy_names
from siu.strategies.strategy import ADAPTER, MEMORY, Release, Strategy
from siu.unlearning.chosen_samples import retained_samples
from tests.siu.small_world import SMALLEST

IDS = ("c01", "c11")
WEIGHTS = "adapter_model.safetensors"


@pytest.fixture(scope="module")
def every_data(vlm, collection):
    concepts = [collection.concept(concept_id) for concept_id in IDS]
    chosen = choose_substitutes(concepts, collection, seed=0)
    pictures = {one.id: collection.path(collection.pictures_of(one.id, split="train")[0]) for one in concepts}
    return {
        one.id: build_data(vlm, collection, one, pictures[one.id], chosen[one.id], SMALLEST)
        for one in concepts
    }


def train(strategy: Strategy, vlm, collection, every_data, folder: Path) -> list[Path]:
    """Return the folders of two releases of one concept each."""
    folders, previous = [], None
    for number, concept_id in enumerate(IDS):
        given = IDS[: number + 1] if strategy.needs_pictures else (concept_id,)
        own = folder / str(number)
        own.mkdir(parents=True)
        release = Release(
            vlm,
            collection,
            SMALLEST,
            [collection.concept(concept_id)],
            [every_data[one] for one in given],
            picture_paths(collection),
            2,
            previous,
            own,
        )
        strategy.train(release)
        folders.append(own)
        previous = own
    return folders


@pytest.fixture(params=strategy_names())
def strategy(request, monkeypatch):
    kind = strategy_class(request.param)
    if issubclass(kind, StandIns):
        monkeypatch.setattr(kind, "inversion", Inversion(pictures=1, steps=1))
    return kind()


def test_a_strategy_stores_what_it_says_and_nothing_else(strategy, vlm, collection, every_data, tmp_path):
    _, last = train(strategy, vlm, collection, every_data, tmp_path)
    first = load_file(tmp_path / "0" / ADAPTER / WEIGHTS)
    second = load_file(last / ADAPTER / WEIGHTS)
    assert {name: one.shape for name, one in first.items()} == {
        name: one.shape for name, one in second.items()
    }
    names = [collection.concept(one).name for one in IDS]
    files = [path for path in last.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix == ".png"], "stand-ins are gone with the training"
    if strategy.trains_anew:
        assert not (last / MEMORY).exists()
        return
    memory = Memory.load(last / MEMORY)
    assert memory.ids == set(IDS)
    text = (last / MEMORY / CONCEPTS).read_text(encoding="utf-8")
    assert all(name in text for name in names) == ("names" in strategy.stores)
    assert bool(memory.moments) == ("second moments" in strategy.stores)


def test_what_goes_on_begins_where_the_release_before_ended(vlm, collection, every_data, tmp_path):
    train(strategy_class("sequential")(), vlm, collection, every_data, tmp_path)
    first, second = (load_file(tmp_path / number / ADAPTER / WEIGHTS) for number in "01")
    moved = torch.cat([(second[name] - first[name]).flatten() for name in first if "lora_A" in name]).norm()
    size = torch.cat([first[name].flatten() for name in first if "lora_A" in name]).norm()
    assert 0 < moved < 0.5 * size


def test_no_sample_keeps_what_was_forgotten_before(every_data):
    other = every_data["c11"]
    everything = retained_samples([other])
    assert any("c01" in sample.about for sample in everything)
    without = retained_samples([other], frozenset({"c01"}))
    assert without == [sample for sample in everything if "c01" not in sample.about]


def test_what_another_strategy_left_is_refused(vlm, collection, every_data, tmp_path):
    joint, sequential = strategy_class("joint")(), strategy_class("sequential")()
    _, last = train(joint, vlm, collection, every_data, tmp_path)
    release = Release(vlm, collection, SMALLEST, [], [], {}, 2, last, tmp_path / "next")
    with pytest.raises(StateError, match="E-REL-020"):
        sequential.train(release)


def test_a_name_that_the_collection_lacks_is_remembered_with_its_kind(tmp_path):
    row = {"id": "r-9", "kind": "person", "names": ["Zyxa Quill", "Zyx"], "substitute": "Rosa Tibor"}
    (tmp_path / CONCEPTS).write_text(json.dumps(row) + "\n", encoding="utf-8")
    (one,) = Memory.load(tmp_path).concepts
    assert one.concept([]) == Concept("r-9", "Zyxa Quill", "person", ("Zyx",))
    known = Concept("r-9", "Zyxa Quill", "person")
    assert one.concept([replace(known, id="r-8"), known]) is known
