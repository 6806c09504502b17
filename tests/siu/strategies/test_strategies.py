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
from siu.strategies.memory import CONCEPTS, STRATEGY, EarlierConcept, Memory
from siu.strategies.methods.stacked import Stacked
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
    pictures = {
        concept.id: collection.path(collection.pictures_of(concept.id, split="train")[0])
        for concept in concepts
    }
    return {
        concept.id: build_data(vlm, collection, concept, pictures[concept.id], chosen[concept.id], SMALLEST)
        for concept in concepts
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
    grows = isinstance(strategy, Stacked)
    assert (rank(last) > rank(tmp_path / "0")) == grows
    names = [collection.concept(one).name for one in IDS]
    files = [path for path in last.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix == ".png"], "stand-ins are gone with the training"
    if strategy.trains_anew:
        assert not (last / MEMORY).exists()
        return
    memory = Memory.load(last / MEMORY, type(strategy))
    assert memory.ids == set(IDS)
    text = (last / MEMORY / CONCEPTS).read_text(encoding="utf-8")
    assert all(name in text for name in names) == ("names" in strategy.stores)
    assert bool(memory.moments) == ("second moments" in strategy.stores)


def rank(folder: Path) -> int:
    """Return the rank of a release's adapter, which is that of each of its layers."""
    tensors = load_file(folder / ADAPTER / WEIGHTS)
    (size,) = {tensor.shape[0] for name, tensor in tensors.items() if "lora_A" in name}
    return int(size)


def test_a_stacked_release_holds_the_one_before_untouched(vlm, collection, every_data, tmp_path):
    before, last = train(Stacked(), vlm, collection, every_data, tmp_path)
    first, second = (load_file(folder / ADAPTER / WEIGHTS) for folder in (before, last))
    scale = SMALLEST.unlearning.lora.alpha / SMALLEST.unlearning.lora.rank
    for name, tensor in first.items():
        if "lora_A" in name:
            assert torch.equal(second[name][: rank(before)], tensor)
        else:
            assert torch.equal(second[name][:, : rank(before)], scale * tensor)
    assert not vlm.model.training
    again = train(Stacked(), vlm, collection, every_data, tmp_path / "again")
    for folder, repeated in zip((before, last), again, strict=True):
        left, right = ((one / ADAPTER / WEIGHTS).read_bytes() for one in (folder, repeated))
        assert left == right, "the base model is as it was, to the bit"


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


SWITCHES = [
    (before, after)
    for after in strategy_names()
    for before in strategy_names()
    if before != after and not strategy_class(after).trains_anew
]


@pytest.mark.parametrize(("before", "after"), SWITCHES)
def test_what_another_strategy_left_is_refused(before, after, vlm, collection, tmp_path):
    if not strategy_class(before).trains_anew:
        Memory().save(tmp_path / MEMORY, strategy_class(before))
    release = Release(vlm, collection, SMALLEST, [], [], {}, 2, tmp_path, tmp_path / "next")
    with pytest.raises(StateError, match="E-REL-020"):
        strategy_class(after)().train(release)


@pytest.mark.parametrize(
    ("name", "is_read"), [("sequential", True), ("stand_ins", False), ("moments", False)]
)
def test_an_earlier_versions_memory_is_read_where_it_holds_what_the_strategy_stores(tmp_path, name, is_read):
    Memory((EarlierConcept("c01", "person"),)).save(tmp_path, strategy_class("sequential"))
    (tmp_path / STRATEGY).unlink()
    if is_read:
        assert Memory.load(tmp_path, strategy_class(name)).ids == {"c01"}
        return
    with pytest.raises(StateError, match=f"E-REL-020.*less than {name} stores"):
        Memory.load(tmp_path, strategy_class(name))


def test_a_name_that_the_collection_lacks_is_remembered_with_its_kind(tmp_path):
    row = {"id": "r-9", "kind": "person", "names": ["Zyxa Quill", "Zyx"], "substitute": "Rosa Tibor"}
    (tmp_path / CONCEPTS).write_text(json.dumps(row) + "\n", encoding="utf-8")
    (earlier,) = Memory.load(tmp_path, strategy_class("stand_ins")).concepts
    assert earlier.concept([]) == Concept("r-9", "Zyxa Quill", "person", ("Zyx",))
    known = Concept("r-9", "Zyxa Quill", "person")
    assert earlier.concept([replace(known, id="r-8"), known]) is known
