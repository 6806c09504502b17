import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from siu.config.fields import param_fields, params_table
from siu.config.file import load_params, write_default_params
from siu.config.params import Params
from siu.errors import PreflightError

DOCS = Path(__file__).parents[3] / "docs"


def load(folder: Path, text: str | bytes) -> Params:
    path = folder / "params.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_params(path)


def problems(folder: Path, text: str | bytes) -> list[str]:
    with pytest.raises(PreflightError) as caught:
        load(folder, text)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_the_default_file_gives_the_defaults(tmp_path: Path) -> None:
    write_default_params(tmp_path / "params.yaml")
    assert load_params(tmp_path / "params.yaml") == Params()


def test_the_default_file_names_and_explains_every_parameter(tmp_path: Path) -> None:
    write_default_params(tmp_path / "params.yaml")
    text = (tmp_path / "params.yaml").read_text()
    data = YAML(typ="safe", pure=True).load(text)
    assert data == Params().model_dump(mode="json")
    for field in param_fields():
        assert field.meaning, f"{field.dotted} has no documentation below it in siu/config/params.py"
        assert f"# {field.meaning}" in text


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").write_text("seed: 3")
    with pytest.raises(FileExistsError):
        write_default_params(tmp_path / "params.yaml")
    assert load_params(tmp_path / "params.yaml").seed == 3


def test_docs_hold_the_table_of_all_parameters() -> None:
    text = (DOCS / "reference" / "params.md").read_text()
    assert params_table() in text, "paste what `python -m siu.config.fields` prints into the page"


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("unlearning: {lr: 1e-4}", "lr", 1e-4),  # a string for YAML 1.1
        ("unlearning: {lr: 1}", "lr", 1.0),
        ("\ufeffunlearning: {clip_norm: 1}", "clip_norm", 1.0),
        ("unlearning: {steps: 0o17}", "steps", 15),
    ],
)
def test_numbers_are_read_as_yaml_1_2(tmp_path: Path, text: str, key: str, value: float) -> None:
    found = getattr(load(tmp_path, text).unlearning, key)
    assert found == value
    assert type(found) is type(value)


def test_lists_become_tuples(tmp_path: Path) -> None:
    params = load(tmp_path, "unlearning:\n  lora:\n    targets:\n    - q_proj\n    - v_proj")
    assert params.unlearning.lora.targets == ("q_proj", "v_proj")


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_has_all_defaults(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text) == Params()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed: 1\nseed: 2", "E-PAR-002 params.yaml:2: .*duplicate key"),
        ("a: b: c", "E-PAR-002 params.yaml:1"),
        ("\tseed: 1", "E-PAR-002 params.yaml:1"),
        ("seed: 1\n---\nseed: 2", "E-PAR-002 params.yaml:2"),
        ("seed: \0", "E-PAR-002"),
        ("seed: 2026-13-45", "E-PAR-002"),
        ("x: !!python/object/apply:os.system [ls]", "E-PAR-003 params.yaml:1: the tag .*os.system"),
        ("x: !secret 1", "E-PAR-003"),
        ("seed: &a 1\nx: *a", "E-PAR-003 params.yaml:1: anchors"),
        ("[" * 5000, "E-PAR-003.*nested"),
        ("3: 4", "E-PAR-003.*the key 3 is not a text"),
        ("? [1, 2]\n: 3", "E-PAR-003"),
        ("- seed", "E-PAR-005.*not a mapping"),
        ("# " + "a" * 1_000_000, "E-PAR-001.*larger"),
        (b"seed: \xff", "E-PAR-001.*UTF-8"),
        ("unlearning: {lrr: 3}", "E-PAR-004 params.yaml: unlearning.lrr: .*Did you mean unlearning.lr"),
        ("rank: 3", "E-PAR-004.*Did you mean unlearning.lora.rank"),
        ("zzz: 3", "E-PAR-004.*known here: seed, base_model"),
        ("seed: true", "E-PAR-005 params.yaml: seed: true has the wrong type. Use a whole number"),
        ("seed: 1.0", "E-PAR-005"),
        ("seed: '1'", "E-PAR-005"),
        ("seed: 1:20", "E-PAR-005"),
        ("seed: null", "E-PAR-005"),
        ("seed:", "E-PAR-005"),
        ("gates: 3", "E-PAR-005.*section"),
        ("unlearning: {lora: {targets: q_proj}}", "E-PAR-005.*a list of texts"),
        ("unlearning: {lora: {targets: [q_proj, 3]}}", "E-PAR-005 params.yaml: unlearning.lora.targets.1"),
        ("unlearning: {lora: {targets: []}}", "E-PAR-006"),
        ("unlearning: {lora: {rank: 0}}", "E-PAR-006.*at least 1"),
        ("unlearning: {lora: {dropout: 1.0}}", "E-PAR-006.*below 1"),
        ("unlearning: {lr: .nan}", "E-PAR-006.*NaN is not allowed.*above 0 and at most 1.*default is "),
        ("unlearning: {lr: .inf}", "E-PAR-006"),
        ("unlearning: {lr: -1e-4}", "E-PAR-006"),
        ("unlearning: {lr: 0}", "E-PAR-006"),
        ("unlearning: {lr: 1.5}", "E-PAR-006"),
        ("unlearning: {lr: true}", "E-PAR-005"),
        ("unlearning: {steps: 0}", "E-PAR-006"),
        ("evaluation: {batch_size: 0}", "E-PAR-006"),
        (
            "unlearning: {steps: 1000000000000000000}",
            r"E-PAR-006 params.yaml: unlearning\.steps: 1000000000000000000 .*Use 1000000 at most",
        ),
        ("runtime: {workers: 100000}", "E-PAR-006 .*runtime.workers: 100000 .*at most 256"),
        ("runtime: {threads: 100000}", "E-PAR-006 .*runtime.threads: 100000 .*at most 1024"),
        ('data: {requests: "a\\0b"}', "E-PAR-006 .*data.requests: .*printable"),
        (f"data: {{source: {'a/' * 2500}}}", "E-PAR-006 .*data.source: .*at most 1000 printable"),
        (f"data: {{collection: {'é' * 200}}}", "E-PAR-006 .*data.collection: .*255 bytes a part"),
        (f"base_model: {{source: {'a' * 5000}}}", "E-PAR-006 .*base_model.source: "),
        ('evaluation: {gold: "g\\0"}', "E-PAR-006 .*evaluation.gold: "),
        ('attacks: {questions: "q\\0"}', "E-PAR-006 .*attacks.questions: "),
        ('tracking: {uri: "\\0"}', "E-PAR-006 .*tracking.uri: "),
        ('data: {requests: ""}', "E-PAR-006 .*data.requests"),
        ("judge: {url: example.org/v1}", "E-PAR-007 .*judge.url: no address .*Write https://host/v1"),
        ("judge: {url: 'http://example.org/v1'}", "E-PAR-007 .*judge.url"),
        ("judge: {url: 'https://me:key@example.org/v1'}", "E-PAR-007 .*judge.url"),
        ("judge: {url: 'https://host:99999/v1'}", "E-PAR-007 .*judge.url"),
        ("judge: {url: 'https://[::1/v1'}", "E-PAR-007 .*judge.url"),
        ("judge: {url: 'https:///v1'}", "E-PAR-007 .*judge.url"),
        ("seed: -1", "E-PAR-006"),
        ("seed: 4294967296", "E-PAR-006"),
        (
            "finetuning_data: {languages: [en, xx]}",
            "E-PAR-007.*languages: 'xx' has no wordings.*en, es",
        ),
        ("finetuning_data: {languages: [en, en]}", "E-PAR-007.*languages.*named twice"),
        ("runtime: {device: gpu}", "E-PAR-006.*one of auto, cpu, cuda"),
        (
            "unlearning: {objective: nop}",
            "E-PAR-006 params.yaml: unlearning.objective: .*one of ce, ga.*siu",
        ),
        (
            "unlearning: {objective: npo, objective_options: {bta: 1}}",
            "E-PAR-004 params.yaml: unlearning.objective_options.bta: .*unlearning.objective_options.beta",
        ),
        ("unlearning: {objective: ga, objective_options: {zz: 1}}", "E-PAR-004.*known here: nothing"),
        (
            "unlearning: {objective: npo, objective_options: {beta: -1}}",
            "E-PAR-006 .*unlearning.objective_options.beta: -1 is not .*a number above 0; the default is 0.1",
        ),
        (
            "unlearning: {objective: npo, objective_options: {beta: x}}",
            "E-PAR-005.*beta.*number above 0",
        ),
        ("unlearning: {objective_options: 3}", "E-PAR-005.*unlearning.objective_options"),
        (
            "unlearning: {objective_options: {alpha: 0, beta: 0}}",
            "E-PAR-007 params.yaml: unlearning.objective_options: alpha and beta are both 0",
        ),
        (
            "unlearning: {objective: siu_robust, objective_options: {suffix_tokens: 100000}}",
            "E-PAR-006 .*objective_options.suffix_tokens: 100000 is not .*at most 256; the default is 12",
        ),
        (
            "attacks: {options: {adversarial_suffix: {tokens: 0}}}",
            "E-PAR-006 .*attacks.options.adversarial_suffix.tokens: 0 is not .*at least 1.*the default is 12",
        ),
        (
            "attacks: {options: {adversarial_suffix: {token: 3}}}",
            "E-PAR-004 .*adversarial_suffix.token: .*Did you mean attacks.options.adversarial_suffix.tokens",
        ),
        (
            "attacks: {options: {few_shot: {shots: []}}}",
            r"E-PAR-006 .*few_shot.shots: \[\] is not .*numbers, at least 1, each at least 1 and at most 4",
        ),
        (
            "attacks: {options: {adversarial_sufix: {tokens: 3}}}",
            "E-PAR-007 .*attacks.options: there is no attack .*Did you mean adversarial_suffix",
        ),
        ("attacks: {only: [suffix]}", "E-PAR-007 .*attacks.only: .*Did you mean adversarial_suffix"),
        ("attacks: {options: {few_shot: 3}}", "E-PAR-005 .*attacks.options.few_shot"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(tmp_path: Path, text: str | bytes, expected: str) -> None:
    with pytest.raises(PreflightError, match=expected.replace("params.yaml", r"\S*params\.yaml")) as caught:
        load(tmp_path, text)
    assert len(caught.value.problems) == 1


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(PreflightError, match=r"E-PAR-001.*siu init"):
            load_params(path)


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    text = "seed: -1\nunlearning: {lr: .nan, lora: {rnk: 3}}\ngates: {known: x}\nfoo: 1"
    codes = [problem.split()[0] for problem in problems(tmp_path, text)]
    assert sorted(codes) == ["E-PAR-004", "E-PAR-004", "E-PAR-005", "E-PAR-006", "E-PAR-006"]


@given(
    seed=st.integers(0, 2**32 - 1),
    lr=st.floats(0, 1, exclude_min=True),
    targets=st.lists(st.text(max_size=8), min_size=1),
    experiment=st.text(st.characters(exclude_categories=["Cs"])),
)
@settings(max_examples=30)
def test_any_params_survive_a_round_trip(
    tmp_path_factory: pytest.TempPathFactory, seed: int, lr: float, targets: list[str], experiment: str
) -> None:
    path = tmp_path_factory.mktemp("round") / "params.yaml"
    data = {
        "seed": seed,
        "unlearning": {"lr": lr, "lora": {"targets": targets}},
        "tracking": {"experiment": experiment},
    }
    path.write_text(json.dumps(data))
    params = load_params(path)
    assert params.seed == seed
    assert params.unlearning.lr == lr
    assert params.unlearning.lora.targets == tuple(targets)
    assert params.tracking.experiment == experiment


@given(text=st.text(max_size=60))
@settings(max_examples=60)
def test_any_text_gives_params_or_a_preflight_error(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "params.yaml"
    path.write_bytes(text.encode("utf-8", "replace"))
    with suppress(PreflightError):
        load_params(path)
