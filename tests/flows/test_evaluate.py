import json
import shutil

import pytest
from click.testing import CliRunner

from flows.cli.program import main
from flows.cli.shapes import check_output
from siu.config.params import BaseModelParams, LoraParams
from siu.models import load_model, new_adapter, save_adapter
from tests.flows.stand_in import change_answers, write_collection, write_model

PARAMS = """
evaluation: {pictures: 2, other_pictures: 1, max_new_tokens: 3}
runtime: {device: cpu}
"""


def siu(*arguments):
    return CliRunner().invoke(main, ["evaluate", *(str(argument) for argument in arguments)])


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    write_model(folder / "model")
    write_collection(folder / "own")
    (folder / "params.yaml").write_text(PARAMS)
    vlm = load_model(BaseModelParams(source=str(folder / "model")))
    with new_adapter(vlm, LoraParams(rank=2, alpha=4), seed=0) as peft_model:
        change_answers(peft_model)
        save_adapter(peft_model, folder / "adapter", base="model", digest=vlm.digest)
    return folder


def measured(world, records, *more):
    bench = ("--bench", world / "own", "--concept", "c-0", "--records", records, *more)
    return siu("--model", world / "model", "--params", world / "params.yaml", *bench)


def test_an_adapter_is_measured_on_a_users_folder_and_scored_again(world, tmp_path):
    first = measured(world, tmp_path / "records", "--adapter", world / "adapter", "--json")
    assert first.exit_code == 0, first.stderr
    check_output("siu evaluate", first.stdout)
    scores = json.loads(first.stdout)["concepts"]["c-0"]
    assert scores["verdict"] == "not_known", "an untrained model knows nobody"
    again = siu("--records", tmp_path / "records", "--json")
    assert again.stdout == first.stdout
    table = siu("--records", tmp_path / "records")
    assert "Generality EM" in table.stdout


def test_without_an_adapter_the_model_itself_is_measured(world, tmp_path):
    printed = measured(world, tmp_path / "records", "--json").stdout
    check_output("siu evaluate", printed)
    found = json.loads(printed)
    assert found["adapter"] is None
    assert found["concepts"]["c-0"].keys() == {"before", "intervals", "units"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--adapter", "nowhere"), "E-MOD-021"),
        (("--concept", "nobody"), "E-COL-001"),
        (("--model", "./nowhere"), "E-MOD-001"),
        (("--bench", "nowhere"), "E-COL-101"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_answered(world, tmp_path, more, code):
    result = measured(world, tmp_path / "records", *more)
    assert result.exit_code == 2
    assert code in result.stderr
    assert not (tmp_path / "records").exists()


def test_an_adapter_of_another_model_is_refused(world, tmp_path):
    other = shutil.copytree(world / "adapter", tmp_path / "other")
    options = (
        "--model", "embedded", "--adapter", other, "--params", world / "params.yaml",
        "--bench", world / "own", "--records", tmp_path / "records",
    )  # fmt: skip
    for more, code in (((), "E-MOD-041"), (("--allow-other-base",), "E-MOD-025")):
        result = siu(*options, *more)
        assert result.exit_code == 2
        assert code in result.stderr


def test_an_adapter_of_an_unknown_base_model_is_measured_when_asked_for_and_says_so(world, tmp_path):
    other = shutil.copytree(world / "adapter", tmp_path / "other")
    (other / "README.md").unlink()
    refused = measured(world, tmp_path / "records", "--adapter", other)
    assert "E-MOD-041" in refused.stderr
    taken = measured(world, tmp_path / "records", "--adapter", other, "--allow-other-base", "--json")
    assert json.loads(taken.stdout)["other_base"] is True


def test_a_commit_needs_its_model(world, tmp_path):
    (tmp_path / "records").mkdir()
    for bench in (("--bench", world / "own"), ()):
        result = siu("--revision", "abc", "--records", tmp_path / "records", *bench)
        assert result.exit_code == 2
        assert "--revision is a commit of --model" in result.stderr


def test_records_alone_can_only_be_scored(world, tmp_path):
    assert siu("--adapter", world / "adapter").exit_code == 2
    nothing = siu("--records", tmp_path)
    assert "E-EVA-001" in nothing.stderr
