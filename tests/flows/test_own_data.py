"""A user's own pictures and a user's own model, from a folder to a report: handwritten digits."""

import json

import pytest

from flows.batch import run_batch
from flows.orchestration.schedulers import Plain
from siu.storage.workspace import Workspace
from tests import digits

PARAMS = """\
base_model: {source: ../model}
data: {source: ../pictures}
finetuning_data: {languages: [en], retained_concepts: 9, strangers: 0, fact_questions: 1}
unlearning: {steps: 40, lr: 0.004, concept_share: 1.0, retained_per_step: 60}
evaluation: {pictures: 8, other_pictures: 4, max_new_tokens: 12}
attacks: {release: none, only: [yes_no, hints]}
gates: {known: 0.4}
runtime: {device: cpu, workers: 1}
"""
FORGOTTEN = 0


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    root = tmp_path_factory.mktemp("own")
    digits.write_pictures(root / "pictures")
    digits.build_model(root / "model", steps=200)
    workspace = root / "workspace"
    (workspace / "given").mkdir(parents=True)
    (workspace / "params.yaml").write_text(PARAMS)
    one = sorted((root / "pictures" / "pictures" / f"d{FORGOTTEN}" / "train").iterdir())[0]
    (workspace / "given" / "one.png").write_bytes(one.read_bytes())
    name = digits.NAMES[FORGOTTEN]
    (workspace / "requests.csv").write_text(f"request_id,name,kind,image\nr1,{name},other,given/one.png\n")
    return run_batch(Workspace(workspace), Plain(1))


def test_the_digit_is_forgotten_on_unseen_pictures_and_the_others_are_kept(batch):
    (concept,) = batch.summary()["concepts"]
    before, after = concept["before"], concept["after"]
    assert before["generality_em"] < 0.3
    assert after["generality_em"] > before["generality_em"] + 0.5
    assert after["text_facts"] == before["text_facts"] == 1.0
    assert after["specificity_names"] > before["specificity_names"] - 0.25


def test_what_the_pictures_cannot_show_is_not_measured(batch):
    (concept,) = batch.summary()["concepts"]
    for metric in ("specificity_attributes", "look_alikes", "groups", "min_k_auc"):
        assert concept["after"].get(metric, concept["attacks"].get(metric)) in (
            None,
            {"before": None, "after": None},
        )


def test_there_is_a_report_with_the_name_and_an_adapter_that_peft_loads(batch):
    from peft import PeftConfig

    assert digits.NAMES[FORGOTTEN] in (batch.folder / "report.html").read_text(encoding="utf-8")
    adapter = next((batch.folder.parents[1] / "artifacts").rglob("adapter_config.json")).parent
    assert PeftConfig.from_pretrained(adapter).peft_type == "LORA"
    assert json.loads((batch.folder / "summary.json").read_text())["batch_id"]
