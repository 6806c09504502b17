"""Small studies: one as a user starts it, with Prefect, workers and MLflow; the rest in this process."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

from flows.cli.shapes import check_output
from flows.comparison import study as compare
from flows.comparison.study import ComparisonResult, run_comparison
from flows.orchestration.schedulers import Plain
from siu.config.params import Params
from siu.errors import ConceptError, InputError
from siu.storage.workspace import Workspace
from tasks.runtime.workers import Inline

STUDY = """\
title: Two ranks
methods:
  siu:
  low rank: {set: {unlearning.lora.rank: 1}}
concepts: [c-0, c-1]
tuning: {lr_factors: [0.5, 1], step_factors: [1]}
tuning_concepts: [c-3]
seeds: [0]
evaluation: {pictures: 1}
"""


@dataclass(frozen=True)
class Done:
    """A workspace after `siu compare small.yaml --json`."""

    workspace: Workspace
    said: dict[str, Any]
    progress: str

    @property
    def folder(self) -> Path:
        return self.workspace.root / "comparison" / "small"


@pytest.fixture(scope="module")
def done(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    workspace = Workspace(shutil.copytree(template, tmp_path_factory.mktemp("compared") / "workspace"))
    (workspace.root / "small.yaml").write_text(STUDY)
    siu = Path(sys.executable).parent / "siu"
    command = (siu, "compare", "small.yaml", "--json")
    ran = subprocess.run(command, cwd=workspace.root, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    check_output("siu compare", ran.stdout)
    return Done(workspace, json.loads(ran.stdout), ran.stderr)


@pytest.fixture
def compared(done: Done, tmp_path: Path) -> Workspace:
    """A copy of the workspace that a test may change."""
    return Workspace(shutil.copytree(done.workspace.root, tmp_path / "copy"))


def run(workspace: Workspace, *only: str) -> ComparisonResult:
    study = str(workspace.root / "small.yaml")
    return run_comparison(workspace, Plain(1), study, only=only, runner=Inline())


def change(workspace: Workspace, text: str) -> None:
    (workspace.root / "small.yaml").write_text(text)


def outputs(workspace: Workspace, stage: str) -> set[str]:
    return {path.name for path in workspace.artifacts.glob(f"{stage}/*")}


def test_a_study_says_what_was_measured(done: Done) -> None:
    assert done.said["runs"] == {"done": 4, "failed": 0, "not run": 0}
    assert set(done.said["methods"]) == {"base model", "siu", "low rank"}
    assert done.said["methods"]["siu"]["g_eval"] == [None, None, None], "no judge, no number"
    mean, low, high = done.said["methods"]["siu"]["efficacy"]
    assert low <= mean <= high
    assert "of 4" in done.progress


def test_tables_and_page_agree(done: Done) -> None:
    runs = pd.read_csv(done.folder / "runs.csv")
    names = list(runs["method"] + " " + runs["concept"])
    assert names == ["siu c-0", "low rank c-0", "siu c-1", "low rank c-1"]
    assert set(runs["status"]) == {"done"}
    table = pd.read_csv(done.folder / "table.csv").set_index(["method", "measure"])
    wanted = runs[runs["method"] == "low rank"]["after.efficacy"].mean()
    assert table.loc[("low rank", "efficacy"), "mean"] == pytest.approx(wanted)
    page = (done.folder / "index.html").read_text()
    assert "not measured" in page
    assert f"{wanted:.3f}" in page


def test_every_method_has_the_same_tries_on_a_concept_of_their_own(done: Done) -> None:
    tries = pd.read_csv(done.folder / "tuning.csv")
    assert set(tries["concept"]) == {"c-3"}
    assert tries[["name_probability", "yes_probability", "kept"]].notna().all(axis=None)
    lr = Params().unlearning.lr
    runs = pd.read_csv(done.folder / "runs.csv")
    for method, own in tries.groupby("method"):
        assert list(own["lr"]) == pytest.approx([lr / 2, lr])
        best = own.loc[own["score"].idxmax(), "lr"]
        assert set(runs[runs["method"] == method]["lr"]) == {best}


def test_data_and_answers_of_the_base_model_are_made_once(done: Done) -> None:
    stages = ("construct", "before", "unlearn", "evaluate", "attack")
    count = {stage: len(outputs(done.workspace, stage)) for stage in stages}
    assert count == {"construct": 3, "before": 4, "unlearn": 6, "evaluate": 4, "attack": 0}


def test_mlflow_has_a_run_per_run_below_the_study(done: Done) -> None:
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{done.workspace.mlflow_database}")
    (experiment,) = [one for one in client.search_experiments() if one.name == "siu"]
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [one for one in runs if "mlflow.parentRunId" not in one.data.tags]
    children = {one.info.run_name: one for one in runs if one is not parent}
    assert set(children) == {"siu/c-0/0", "siu/c-1/0", "low rank/c-0/0", "low rank/c-1/0"}
    child = children["low rank/c-1/0"]
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert child.data.params["lora.rank"] == "1"
    assert {"before.efficacy", "after.efficacy", "seconds.unlearn"} <= set(child.data.metrics)
    assert parent.data.metrics["siu/efficacy"] == pytest.approx(done.said["methods"]["siu"]["efficacy"][0])
    assert {file.path for file in client.list_artifacts(parent.info.run_id)} == {
        "index.html",
        "runs.csv",
        "table.csv",
        "tuning.csv",
    }


def test_a_second_call_finds_everything(compared: Workspace) -> None:
    page = compared.root / "comparison" / "small" / "index.html"
    text, before = page.read_bytes(), set(compared.artifacts.glob("*/*"))
    result = run(compared)
    assert result.skipped
    assert set(compared.artifacts.glob("*/*")) == before
    assert page.read_bytes() == text
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{compared.mlflow_database}")
    assert len(client.search_runs([one.experiment_id for one in client.search_experiments()])) == 5


def test_methods_left_out_are_shown_as_far_as_they_are_there(compared: Workspace) -> None:
    change(compared, STUDY.replace("seeds: [0]", "seeds: [0, 1]"))
    result = run(compared, "siu")
    statuses = {str(one.run): one.status for one in result.results}
    assert statuses["low rank/c-0/0"] == "done"
    assert statuses["siu/c-0/1"] == "done"
    assert statuses["low rank/c-0/1"] == "not run"
    assert result.table["low rank"]["efficacy"].mean.runs == 2


def test_equal_methods_are_trained_once(compared: Workspace) -> None:
    change(compared, STUDY.replace("  siu:\n", "  siu:\n  same: {set: {unlearning.lora.rank: 2}}\n"))
    before = outputs(compared, "unlearn")
    result = run(compared)
    assert outputs(compared, "unlearn") == before
    assert {one.status for one in result.results} == {"done"}
    assert len(result.results) == 6


def test_a_study_may_attack_its_runs(compared: Workspace) -> None:
    attacks = "{profile: quick, only: [yes_no, relearning], options: {relearning: {steps: [0, 1]}}}"
    change(compared, f"{STUDY}attacks: {attacks}\n")
    before = outputs(compared, "unlearn"), outputs(compared, "evaluate")
    result = run(compared)
    assert (outputs(compared, "unlearn"), outputs(compared, "evaluate")) == before, "only attacks are new"
    assert len(outputs(compared, "attack")) == 4
    cell = result.table["low rank"]["attack_relearning"]
    assert cell.mean.runs == 2
    folder = compared.root / "comparison" / "small"
    runs = pd.read_csv(folder / "runs.csv")
    assert cell.mean.mean == pytest.approx(
        runs[runs["method"] == "low rank"]["after.attack_relearning"].mean()
    )
    lines = pd.read_csv(folder / "curves.csv")
    assert set(lines[lines["attack"] == "relearning"]["line"]) == {"3 pictures", "a new name", "a known name"}
    assert "relearning, beyond" in (folder / "index.html").read_text()
    assert run(compared).skipped


def test_a_failing_run_is_a_row_with_its_reason(compared: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_on_one(job, subject, folder, on_progress):  # type: ignore[no-untyped-def]
        if subject == "c-1":
            raise ConceptError("E-UNL-001", "the loss is not finite", "Lower unlearning.lr")
        real(job, subject, folder, on_progress)

    real = compare.UNLEARN.work
    monkeypatch.setattr(compare, "UNLEARN", replace(compare.UNLEARN, work=fail_on_one))
    change(compared, STUDY.replace("rank: 1", "rank: 3"))
    result = run(compared)
    assert [str(one.run) for one in result.failed] == ["low rank/c-1/0"]
    assert result.table["low rank"]["efficacy"].mean.runs == 1
    runs = pd.read_csv(compared.root / "comparison" / "small" / "runs.csv").set_index(["method", "concept"])
    assert "E-UNL-001" in runs.loc[("low rank", "c-1"), "reason"]
    assert "E-UNL-001" in (compared.root / "comparison" / "small" / "index.html").read_text()


def test_a_method_that_cannot_be_tuned_fails_and_the_others_go_on(
    compared: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_to_tune(job, subject, folder, on_progress):  # type: ignore[no-untyped-def]
        if job.params.unlearning.tune:
            raise ConceptError("E-UNL-002", "each of the 2 tries failed", "Lower unlearning.lr")
        real(job, subject, folder, on_progress)

    real = compare.UNLEARN.work
    monkeypatch.setattr(compare, "UNLEARN", replace(compare.UNLEARN, work=fail_to_tune))
    change(compared, STUDY.replace("rank: 1", "rank: 3"))
    result = run(compared)
    assert {one.run.method for one in result.failed} == {"low rank"}
    assert {one.reason for one in result.failed} == {
        "E-UNL-002 each of the 2 tries failed. Lower unlearning.lr."
    }
    assert result.table["siu"]["efficacy"].mean.runs == 2


def test_one_tuning_case_that_fails_is_reason_enough(
    compared: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_on_the_first(job, subject, folder, on_progress):  # type: ignore[no-untyped-def]
        if job.params.unlearning.tune and subject == "c-2":
            raise ConceptError("E-UNL-002", "each of the 2 tries failed", "Lower unlearning.lr")
        real(job, subject, folder, on_progress)

    real = compare.UNLEARN.work
    monkeypatch.setattr(compare, "UNLEARN", replace(compare.UNLEARN, work=fail_on_the_first))
    change(
        compared,
        STUDY.replace("[c-0, c-1]", "[c-0]").replace("tuning_concepts: [c-3]", "tuning_concepts: [c-2, c-3]"),
    )
    result = run(compared, "low rank")
    assert {str(one.run): one.status for one in result.results} == {
        "siu/c-0/0": "not run",
        "low rank/c-0/0": "failed",
    }
    assert "E-UNL-002" in result.failed[0].reason


def test_a_concept_that_is_not_known_is_not_trained_on(compared: Workspace) -> None:
    yaml = YAML()
    params = yaml.load(compared.params_file)
    params["gates"]["known"] = 0.5
    yaml.dump(params, compared.params_file)
    result = run(compared)
    assert {one.status for one in result.results} == {"failed"}
    assert "E-CMP-006" in result.failed[0].reason
    assert result.table["siu"]["efficacy"].mean.mean is None


def test_a_method_that_is_not_there_is_named(compared: Workspace) -> None:
    message = r"E-CMP-007 .*'npo' is no method of this study. Use some of siu, low rank"
    with pytest.raises(InputError, match=message):
        run(compared, "npo")
