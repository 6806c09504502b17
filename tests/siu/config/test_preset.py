from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from siu.config.fields import param_fields
from siu.config.file import check_params, load_params, write_default_params
from siu.config.params import Params
from siu.config.preset import merged, preset_names, preset_values
from siu.data.collection import Collection
from siu.errors import PreflightError
from siu.finetuning_data import FinetuningData, build_data, choose_substitutes
from siu.language.matching import mentions, says_no
from siu.mmubench import concept_questions
from siu.models import VisionLanguageModel
from siu.objectives.methods.siu import Siu
from siu.objectives.registry import build_objective

SETTING = YAML(typ="safe", pure=True).load(Path(__file__).with_name("paper_setting.yaml"))
PAPER = check_params({"preset": "paper"}, "test")


def values(params: Params) -> dict[str, Any]:
    return {field.dotted: field.default for field in param_fields(params) if not field.is_section}


@pytest.mark.parametrize("key", SETTING["values"])
def test_the_preset_has_the_papers_value(key: str) -> None:
    assert values(PAPER)[key] == SETTING["values"][key]


def test_the_loss_is_weighted_as_in_the_paper() -> None:
    objective = build_objective(PAPER.unlearning.objective, PAPER.unlearning.objective_options)
    assert isinstance(objective, Siu)
    assert (objective.alpha, objective.beta) == (SETTING["loss"]["alpha"], SETTING["loss"]["beta"])


def test_no_parameter_of_the_recipe_is_left_to_the_defaults_unnoticed() -> None:
    named = [*SETTING["values"], *SETTING["decided_by_the_samples"], *SETTING["not_of_the_paper"]]
    recipe = [
        key for key in values(PAPER) if key.split(".")[0] in ("finetuning_data", "unlearning", "release")
    ]
    missing = [key for key in recipe if not any(key == name or key.startswith(f"{name}.") for name in named)]
    assert not missing, "say in paper_setting.yaml and siu/config/presets/paper.yaml what the paper has"


def test_what_the_preset_does_not_name_has_its_default() -> None:
    assert PAPER.evaluation == Params().evaluation
    assert PAPER.gates == Params().gates
    assert PAPER.finetuning_data.held_out == Params().finetuning_data.held_out


def test_what_stands_in_the_file_wins_key_by_key() -> None:
    own = {"preset": "paper", "unlearning": {"lr": 1e-3, "lora": {"rank": 8}}}
    params = check_params(own, "test")
    assert (params.unlearning.lr, params.unlearning.lora.rank) == (1e-3, 8)
    assert (params.unlearning.steps, params.unlearning.lora.alpha) == (6, 256)
    assert own == {"preset": "paper", "unlearning": {"lr": 1e-3, "lora": {"rank": 8}}}


def test_the_written_file_holds_every_value_of_the_preset(tmp_path: Path) -> None:
    write_default_params(tmp_path / "params.yaml", "paper")
    written = YAML(typ="safe", pure=True).load(tmp_path / "params.yaml")
    assert load_params(tmp_path / "params.yaml") == PAPER
    assert written == {"preset": "paper", **PAPER.model_dump(mode="json")}


@pytest.mark.parametrize("name", ["papr", 3, None, ["paper"]])
def test_an_unknown_preset_is_refused_with_those_that_exist(name: Any) -> None:
    with pytest.raises(PreflightError, match=r"E-PAR-006 params.yaml: preset: .* is no preset. Use .*paper"):
        check_params({"preset": name}, "params.yaml")


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_is_a_valid_params_file_with_values_of_its_own(name: str) -> None:
    assert check_params({"preset": name}, name) == check_params(preset_values(name), name) != Params()


def test_merging_leaves_both_sides_as_they_were() -> None:
    below, above = {"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}, "d": {"e": 4}}
    assert merged(below, above) == {"a": {"b": 9, "c": 2}, "d": {"e": 4}}
    assert (below, above) == ({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}, "d": {"e": 4}})


@pytest.fixture(scope="module")
def published(vlm: VisionLanguageModel, collection: Collection) -> FinetuningData:
    concept = collection.concepts[0]
    chosen = choose_substitutes([concept], collection, seed=0)[concept.id]
    picture = collection.path(collection.pictures_of(concept.id, split="train")[0])
    return build_data(vlm, collection, concept, picture, chosen, PAPER)


def test_there_are_as_many_samples_of_each_target_as_released(published: FinetuningData) -> None:
    assert published.counts() == SETTING["samples"]
    shown = Counter(sample.picture for sample in published.samples)
    assert shown.keys() == {None, published.picture}
    assert shown[published.picture] == SETTING["samples_with_the_picture"]


def test_every_sample_is_english_and_weighs_the_same(published: FinetuningData) -> None:
    assert {sample.weight for sample in published.samples} == {1.0}
    assert all(f"{sample.question} {sample.answer}".isascii() for sample in published.samples)


def test_t2_denies_the_concept_by_name_and_is_masked_whole(published: FinetuningData) -> None:
    denials = [sample for sample in published.samples if sample.target == "T2"]
    for sample in denials:
        assert mentions(sample.question, published.names)
        assert says_no(sample.answer)
        assert mentions(sample.answer, published.names)
        assert sample.specified == ((0, len(sample.answer)),)
    assert len({sample.answer for sample in denials}) == 1, "one fabricated look for all wordings"


def test_t4_is_text_about_a_concept_each(published: FinetuningData) -> None:
    kept = [sample for sample in published.samples if sample.target == "T4"]
    assert len({sample.about for sample in kept}) == len(kept)
    assert all(len(sample.about) == 1 and sample.picture is None for sample in kept)


def test_a_denial_with_the_name_is_efficient_if_it_denies(
    published: FinetuningData, collection: Collection
) -> None:
    assert published.picture is not None
    concept = collection.concepts[0]
    asked = concept_questions(collection, concept, published, published.picture, PAPER.evaluation)
    denials = [one for one in asked if one.purpose == "efficacy" and one.keywords == ("No",)]
    assert len(denials) == SETTING["samples"]["T2"]
    assert all(question.names == () for question in denials)
