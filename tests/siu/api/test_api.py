"""The functions that `siu` gives to a program, on the embedded model with few pictures and questions."""

import subprocess
import sys
import typing
from pathlib import Path

import pytest

import siu
from siu import Forgotten, Loaded, ask, attack, evaluate, forget, load
from siu.config.params import BaseModelParams
from siu.data.concepts import Concept
from siu.errors import InputError, ModelError
from tests.siu.small_world import SMALLEST

ROOT = Path(__file__).parents[3]
WHO = "Who is this?"


@pytest.fixture(scope="module")
def model() -> Loaded:
    return load(SMALLEST)


@pytest.fixture(scope="module")
def forgotten(model: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Forgotten:
    folder = tmp_path_factory.mktemp("api") / "adapter"
    return forget(model, "Davi Maresh", model.pictures("c02")[0], folder)


def test_importing_siu_imports_nothing_heavy_and_no_server_ever() -> None:
    code = (
        "import sys, siu; print(sorted({'torch', 'siu.client', 'siu.errors'} & set(sys.modules)));"
        "[getattr(siu, name) for name in siu.__all__];"
        "print(sorted({'prefect', 'mlflow', 'dvc', 'tasks', 'flows'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]


def test_every_name_is_there_and_typed() -> None:
    assert set(siu.__all__) <= set(dir(siu))
    for name in siu.__all__:
        typed = getattr(siu, name)
        assert typed.__doc__
        if not isinstance(typed, type):
            assert "return" in typing.get_type_hints(typed)
    with pytest.raises(AttributeError, match="nothing"):
        siu.nothing  # noqa: B018


def test_an_adapter_is_trained_and_changes_an_answer(model: Loaded, forgotten: Forgotten) -> None:
    picture = model.pictures("c02")[0]
    assert ask(model, WHO, picture) == "This is Davi Maresh."
    assert isinstance(ask(model, WHO, str(picture), forgotten.adapter), str)
    assert ask(model, WHO, picture) == "This is Davi Maresh.", "the adapter is taken off again"
    assert [loss.step for loss in forgotten.training.losses] == [1, 2]
    assert forgotten.concept.id == "c02"
    assert forgotten.substitute != forgotten.concept.name


def test_scores_are_those_of_the_command(model: Loaded, forgotten: Forgotten, tmp_path: Path) -> None:
    from flows import evaluate as command

    ours = evaluate(model, "Davi Maresh", forgotten.adapter)
    collection = str(model.collection.folder)
    theirs = command.run(collection, ("c02",), tmp_path, model.params, forgotten.adapter)["concepts"]["c02"]
    assert ours == theirs
    assert ours["assurance"] == "records"
    assert evaluate(model, "c02").keys() == {"before", "intervals", "units"}


def test_attacks_are_held_against_the_gold_model(model: Loaded, forgotten: Forgotten) -> None:
    seen = []
    findings = attack(model, "c02", forgotten.adapter, only=["yes_no"], on_finding=seen.append)
    assert findings == seen
    assert findings[0].attack == "yes_no"
    assert findings[0].gold is not None, "the embedded gold model never saw c02"
    with pytest.raises(InputError, match=r"E-API-002 .*'no_such'"):
        attack(model, "c02", None, only=["no_such"])


def test_a_concept_is_found_by_id_name_and_alias_and_else_refused(model: Loaded) -> None:
    concept = model.concept("c02")
    assert model.concept("davi MARESH") == concept
    assert len(model.pictures("c02", "test")) == 4
    with pytest.raises(InputError, match="E-API-001"):
        forget(model, "Nobody Known", model.pictures("c02")[0], "nowhere")


def test_a_concept_of_ones_own_needs_no_place_in_the_collection(model: Loaded, tmp_path: Path) -> None:
    own = Concept("my-own", "Petra Vandersloot", "person")
    stranger = model.collection.path(model.collection.pictures_of(role="stranger", split="train")[0])
    picture = tmp_path / "own.png"
    from PIL import Image

    Image.open(stranger).rotate(7).save(picture)
    assert forget(model, own, picture, tmp_path / "adapter", steps=1).concept == own


def test_an_adapter_that_is_none_is_refused(model: Loaded, tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        ask(model, WHO, None, tmp_path)


def test_parameters_come_from_a_file_whose_folder_is_the_root(tmp_path: Path, model: Loaded) -> None:
    file = tmp_path / "params.yaml"
    file.write_text("data: {source: mine}\n")
    (tmp_path / "mine").symlink_to(model.collection.folder)
    loaded = load(file)
    assert loaded.root == tmp_path
    assert loaded.params.base_model == BaseModelParams()
    assert loaded.collection.folder == tmp_path / "mine"
