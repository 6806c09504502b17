from pathlib import Path

import pytest

from siu.comparison.method_params import all_method_params
from siu.comparison.study_file import load_study, ready_studies, study_path
from siu.config.file import check_params
from siu.config.params import Params, ReleaseParams, UnlearningParams
from siu.errors import InputError, PreflightError


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ready_studies())
def test_ready_studies_fit_the_default_parameters(name: str) -> None:
    study = load_study(study_path(name))
    params = all_method_params(Params(), study, name)
    assert list(params) == list(study.methods)
    different = {(params[method].model_dump_json(), study.methods[method].strength) for method in params}
    assert len(different) == len(params), "no method is there twice"


def test_a_method_changes_its_keys_and_nothing_else(tmp_path: Path) -> None:
    text = "methods: {siu: , low: {set: {unlearning.lora.rank: 2}}}\nevaluation: {pictures: 3}\n"
    params = all_method_params(Params(), load_study(write(tmp_path, text)), "mine")
    assert params["low"].unlearning.lora.rank == 2
    assert params["low"].unlearning.lora.alpha == Params().unlearning.lora.alpha
    assert params["siu"].unlearning == Params().unlearning
    assert {one.evaluation.pictures for one in params.values()} == {3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("methods: {}\n", r"E-CMP-003 .*mine.yaml: methods: dictionary should have at least 1 item"),
        ("seeds: [0]\n", r"E-CMP-003 .*mine.yaml: methods: field required"),
        ("methods: {npo: }\n", r"E-CMP-003 .*reference 'siu' is no method here. Name one of the methods"),
        ("methods: {siu: }\nseed: [0]\n", r"E-CMP-002 .*mine.yaml: seed: unknown key. Did you mean seeds"),
        ("methods: {siu: {sets: {}}}\n", r"E-CMP-002 .*methods.siu.sets: unknown key. Did you mean set"),
        ("methods: {siu: }\nseeds: [0, 0]\n", r"E-CMP-003 .*a seed is named twice"),
        ("methods: {siu: }\nconcepts: none\n", r"E-CMP-003 .*concepts"),
        ("methods: {siu: {strength: 0}}\n", r"E-CMP-003 .*methods.siu.strength: .*greater than 0"),
        ("methods: {siu: }\ntuning: 3\n", r"E-CMP-003 .*tuning: input should be an object"),
        (
            "methods: {siu: }\nprimary: loss_of_other\n",
            r"E-CMP-003 .*primary 'loss_of_other' is not measured here. Did you mean loss_of_others",
        ),
        ("methods: {siu: }\nprimary: beyond_relearning\n", r"E-CMP-003 .*is not measured here"),
        ("methods: {'a/b': , siu: }\n", r"E-CMP-003 .*methods.a/b: .*pattern"),
    ],
)
def test_a_mistake_in_a_study_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PreflightError) as caught:
        load_study(write(tmp_path, text))
    assert _matches(caught.value, message)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("unlearning.lrr: 1", r"E-PAR-004 .*methods.siu.set: unlearning.lrr: unknown key.*Did you mean"),
        ("unlearning.lora.rank: wide", r"E-PAR-005 .*methods.siu.set: unlearning.lora.rank: .*whole number"),
        ("unlearning.objective: hope", r"E-PAR-006 .*unlearning.objective"),
        ("unlearning.lora.rank.deep: 1", r"E-PAR-005 .*unlearning.lora.rank"),
        ("seed: 3", r"E-CMP-004 .*'seed' is the same for all methods"),
        ("gates.known: 0", r"E-CMP-004 .*Set keys below unlearning or finetuning_data"),
        ("unlearning: {}", r"E-CMP-004"),
        ("preset: papr", r"E-PAR-006 .*methods.siu.set: preset: 'papr' is no preset"),
    ],
)
def test_an_override_is_checked_as_params_yaml_is(tmp_path: Path, override: str, message: str) -> None:
    study = load_study(write(tmp_path, f"methods:\n  siu:\n    set: {{{override}}}\n"))
    with pytest.raises(PreflightError) as caught:
        all_method_params(Params(), study, "mine.yaml")
    assert _matches(caught.value, message)


def test_a_method_may_be_a_preset_with_changes_of_its_own(tmp_path: Path) -> None:
    text = "methods: {siu: {set: {unlearning.steps: 12, preset: paper}}}\n"
    options = UnlearningParams(objective="npo", objective_options={"beta": 0.5})
    base = Params(seed=7, unlearning=options, release=ReleaseParams(steps_per_concept=3))
    method = all_method_params(base, load_study(write(tmp_path, text)), "mine")["siu"]
    paper = check_params({"preset": "paper"}, "test")
    assert method.finetuning_data == paper.finetuning_data
    assert method.unlearning == paper.unlearning.model_copy(update={"steps": 12})
    assert (method.seed, method.release) == (7, base.release)


def test_tries_are_the_same_for_all_methods(tmp_path: Path) -> None:
    text = "methods: {siu: , npo: {set: {unlearning.objective: npo}}}\ntuning: {lr_factors: [0.1]}\n"
    params = all_method_params(Params(), load_study(write(tmp_path, text)), "mine")
    assert {one.unlearning.tuning.lr_factors for one in params.values()} == {(0.1,)}
    wrong = load_study(write(tmp_path, "methods: {siu: }\ntuning: {factors: [1]}\n"))
    with pytest.raises(PreflightError, match=r"E-PAR-004 mine: unlearning.tuning.factors: unknown key"):
        all_method_params(Params(), wrong, "mine")


def test_problems_of_all_methods_are_reported_at_once(tmp_path: Path) -> None:
    text = "methods: {siu: {set: {seed: 1}}, b: {set: {unlearning.steps: 0}}}\n"
    with pytest.raises(PreflightError) as caught:
        all_method_params(Params(), load_study(write(tmp_path, text)), "mine.yaml")
    assert [problem.code for problem in caught.value.problems] == ["E-CMP-004", "E-PAR-006"]


def test_a_study_that_is_nowhere_names_the_ready_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"E-CMP-001 .*'nothing' is neither.*Use .*methods"):
        study_path("nothing")
    assert study_path(str(write(tmp_path, ""))) == tmp_path / "mine.yaml"


def _matches(error: PreflightError, message: str) -> bool:
    import re

    return any(re.search(message, str(problem)) for problem in error.problems)
