"""`siu batch` as a user starts it: Prefect, worker processes, MLflow and DVC for real."""

import base64
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.cli.shapes import check_output
from flows.orchestration.gate import USER
from flows.orchestration.server import prefect_server
from flows.terminal.quiet import quiet
from siu.config.params import Params
from siu.storage.workspace import Workspace
from tasks.stages import CONCEPT_STAGES

BIN = Path(sys.executable).parent
PRIVATE = (b"Mira", b"Talvon", b"Maresh")


@dataclass(frozen=True)
class Done:
    """A workspace after two equal runs."""

    workspace: Workspace
    first: dict[str, Any]
    second: dict[str, Any]
    said: str


def command(workspace: Workspace, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    program = BIN / arguments[0] if (BIN / arguments[0]).exists() else arguments[0]
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # DVC's stages call `siu`
    done = subprocess.run(
        [program, *arguments[1:]],
        cwd=workspace.root,
        env={**os.environ, "PATH": path, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def done(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    workspace = Workspace(shutil.copytree(template, tmp_path_factory.mktemp("served") / "workspace"))
    command(workspace, "siu", "init")
    first = command(workspace, "siu", "batch", "--json")
    second = command(workspace, "siu", "batch", "--json")
    return Done(workspace, json.loads(first.stdout), json.loads(second.stdout), second.stderr)


def test_a_second_run_finds_everything(done: Done) -> None:
    assert done.second == done.first
    assert "r-0: partial (records) (found, nothing to do)" in done.said


def test_prefect_has_seen_every_task_end_and_knows_no_name(done: Done) -> None:
    database = done.workspace.prefect_home / "prefect.db"
    with closing(sqlite3.connect(database)) as connection:
        states = connection.execute("SELECT state_type, count(*) FROM task_run GROUP BY 1").fetchall()
        flows = connection.execute("SELECT state_type FROM flow_run").fetchall()
    assert dict(states).keys() == {"COMPLETED"}
    assert flows == [("COMPLETED",)] * 2
    for path in done.workspace.prefect_home.rglob("*"):
        if path.is_file():
            assert not any(name in path.read_bytes() for name in PRIVATE), path


def test_prefect_is_not_asked_to_run_what_an_earlier_batch_has_done_for_a_request(done: Done) -> None:
    database = done.workspace.prefect_home / "prefect.db"
    query = (
        "SELECT task_run.name FROM task_run JOIN flow_run ON flow_run.id = flow_run_id WHERE flow_run.id = ?"
    )
    with closing(sqlite3.connect(database)) as connection:
        runs = connection.execute("SELECT id FROM flow_run ORDER BY start_time").fetchall()
        first, second = ({name for (name,) in connection.execute(query, run)} for run in runs)
    own = {f"{stage.name} r-0" for stage in CONCEPT_STAGES} | {"assess r-0"}
    assert own <= first
    assert not own & second
    assert {"release", "report"} <= second


def test_prefects_graph_leads_from_the_data_to_the_report_and_its_records(done: Done) -> None:
    quiet(done.workspace.prefect_home)
    with (
        prefect_server(password="known") as url,
        httpx.Client(base_url=url, auth=(USER, "known"), trust_env=False, timeout=60) as api,
    ):
        token = api.get("/csrf-token", params={"client": "test"}).json()["token"]
        api.headers.update({"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": "test"})
        first, _ = api.post("/flow_runs/filter", json={"sort": "START_TIME_ASC"}).json()
        graph = api.get(f"/flow_runs/{first['id']}/graph-v2").json()
    label = {node["id"]: node["label"] for _, node in graph["nodes"]}
    behind = {
        node["label"]: {label[parent["id"]] for parent in node["parents"]} for _, node in graph["nodes"]
    }
    assert behind["record"] == behind["version"] == {"report"}
    assert behind["report"] == {"assess r-0", "assess r-1", "deploy"}
    assert behind["assess r-0"] >= {"construct r-0", "attack r-0"}
    assert behind["unlearn r-0"] == {"before r-0"}
    assert {name for name, before in behind.items() if not before} == {
        "construct r-0",
        "construct r-1",
        "before retained",
    }


def test_mlflow_has_one_run_per_plan(done: Done) -> None:
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{done.workspace.mlflow_database}")
    (experiment,) = [one for one in client.search_experiments() if one.name == "siu"]
    runs = client.search_runs([experiment.experiment_id])
    children = {run.data.tags["siu.request_id"]: run for run in runs if "siu.request_id" in run.data.tags}
    assert len(runs) == 4  # the batch, its concepts, the release
    child = children["r-0"]
    assert child.data.tags["mlflow.parentRunId"] in {run.info.run_id for run in runs}
    assert {"siu.plan_digest", "dvc.md5", "prefect.flow_run_id", "siu.verdict"} <= set(child.data.tags)
    assert child.data.params["lr"] == str(Params().unlearning.lr)
    assert {"before.generality_em", "after.generality_em", "training.loss"} <= set(child.data.metrics)
    assert [point.step for point in client.get_metric_history(child.info.run_id, "training.loss")] == [1, 2]
    files = {file.path for file in client.list_artifacts(child.info.run_id)}
    assert files == {"adapter", "answers.json"}
    assert not any(name.decode() in str(child.data.tags) for name in PRIVATE)


def test_dvc_has_nothing_to_do_and_holds_the_adapter(done: Done) -> None:
    assert "up to date" in command(done.workspace, "dvc", "status").stdout
    lock = (done.workspace.root / "dvc.lock").read_bytes()
    assert not any(name in lock for name in PRIVATE)
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{done.workspace.mlflow_database}")
    run = client.search_runs(["1"], "tags.`siu.request_id` = 'r-0'")[0]
    md5 = run.data.tags["dvc.md5"]
    assert (done.workspace.root / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]).is_file()


def test_a_changed_learning_rate_touches_training_and_the_report(done: Done, tmp_path: Path) -> None:
    copy = Workspace(shutil.copytree(done.workspace.root, tmp_path / "copy"))
    text = copy.params_file.read_text()
    copy.params_file.write_text(text.replace(f"lr: {Params().unlearning.lr}", "lr: 0.001"))
    changed = json.loads(command(copy, "dvc", "status", "--json").stdout)
    assert set(changed) == {"unlearn", "report"}
    assert "release" in command(copy, "dvc", "dag").stdout


def test_the_released_adapter_answers(done: Done) -> None:
    shown = command(done.workspace, "siu", "ask", "--image", "requests/0.png", "Who is this?", "--json")
    check_output("siu ask", shown.stdout)


@pytest.mark.slow
def test_mlflow_models_predict_answers_as_ask_does(done: Done, tmp_path: Path) -> None:
    workspace, question = done.workspace, "Who is this?"
    asked = command(workspace, "siu", "ask", "--image", "requests/0.png", question, "--json").stdout
    rows = tmp_path / "rows.json"
    content = base64.b64encode((workspace.root / "requests/0.png").read_bytes()).decode()
    pictures = ("requests/0.png", content)
    records = [{"question": question, "picture": picture} for picture in pictures]
    rows.write_text(json.dumps({"dataframe_records": [*records, {"question": question}]}))
    model, answers = "models:/siu@released", tmp_path / "answers.json"
    ways = ("--env-manager", "local", "-t", "json", "-i", str(rows), "-o", str(answers))
    uri = f"sqlite:///{workspace.mlflow_database}"
    command(workspace, "mlflow", "models", "predict", "-m", model, *ways, MLFLOW_TRACKING_URI=uri)
    predictions = json.loads(answers.read_text())["predictions"]
    said = [next(iter(row.values())) if isinstance(row, dict) else row for row in predictions]
    assert said[:2] == [json.loads(asked)["after"]] * 2
    assert len(said) == 3


@pytest.mark.slow
def test_a_fresh_clone_pulls_the_release_alone_and_answers(done: Done, tmp_path: Path) -> None:
    workspace = Workspace(shutil.copytree(done.workspace.root, tmp_path / "workspace"))
    question = ("siu", "ask", "--image", str(workspace.root / "requests/0.png"), "Who is this?", "--json")
    author = ("-c", "user.name=t", "-c", "user.email=t@t")
    command(workspace, "dvc", "remote", "add", "--default", "store", str(tmp_path / "store"))
    command(workspace, "git", "add", ".")
    command(workspace, "git", *author, "commit", "-qm", "done")
    command(workspace, "dvc", "push")
    command(workspace, "git", "clone", "-q", ".", str(tmp_path / "clone"))
    clone, cache = Workspace(tmp_path / "clone"), str(tmp_path / "site-cache")
    command(clone, "dvc", "pull", "artifacts/release", "state/models", DVC_SITE_CACHE_DIR=cache)
    assert command(clone, *question).stdout == command(workspace, *question).stdout
    assert not (clone.artifacts / "unlearn").exists()
    adapter = done.first["concepts"][0]["plan"]["unlearn"]
    command(clone, "dvc", "pull", f"artifacts/unlearn/{adapter}", DVC_SITE_CACHE_DIR=cache)
    assert [path.name for path in (clone.artifacts / "unlearn").iterdir()] == [adapter]


@pytest.mark.slow
def test_dvc_repro_and_experiments(done: Done, tmp_path: Path) -> None:
    copy = Workspace(shutil.copytree(done.workspace.root, tmp_path / "copy"))
    before = {path.name for path in copy.artifacts.glob("before/*")}
    command(copy, "git", "add", ".")
    command(copy, "git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "done")
    ran = command(copy, "dvc", "exp", "run", "-S", "unlearning.lr=0.001").stdout
    stages = [line.split("'")[1] for line in ran.splitlines() if line.startswith("Running stage")]
    assert stages == ["unlearn", "evaluate", "attack", "release", "report"]
    assert {path.name for path in copy.artifacts.glob("before/*")} == before
    assert "up to date" in command(copy, "dvc", "status").stdout
    assert command(copy, "dvc", "metrics", "diff", "--json").stdout
    command(copy, "git", "checkout", "--", "params.yaml")
    ran = command(copy, "dvc", "repro").stdout
    stages = [line.split("'")[1] for line in ran.splitlines() if line.startswith("Running stage")]
    assert stages == ["unlearn", "report"], "all is there already, and the report is the first one again"
    command(copy, "git", "diff", "--exit-code", "metrics/summary.json")
