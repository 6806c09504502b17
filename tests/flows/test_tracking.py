"""MLflow shows a batch as it is now: its last report, and the verdicts under its gates."""

import base64
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from flows.cli.ask import ask
from siu.errors import ConceptError, InputError
from siu.storage.digest import file_digest
from siu.storage.jsonl import read_jsonl
from siu.storage.workspace import Workspace
from siu.unlearning.result import StepLoss
from tasks import chain
from tasks.tracking.live_losses import Training, live_losses
from tasks.tracking.record import RunRecord
from tasks.tracking.runs import WORKSPACE_TAG
from tasks.tracking.tracker import Tracker
from tasks.unlearn import LOSSES, UNLEARN
from tests.flows.batches import change, run

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

NOBODY = "http://anna:s3cret@127.0.0.1:9/mlflow"
"""The port of the discard service, which nobody runs."""


def uri_of(workspace: Workspace) -> str:
    return f"sqlite:///{workspace.mlflow_database}"


def client_of(workspace: Workspace) -> "MlflowClient":
    from mlflow.tracking import MlflowClient

    return MlflowClient(uri_of(workspace))


def tracked(workspace: Workspace) -> "tuple[list[Run], list[Run]]":
    """Return parent runs and the runs of concepts, the oldest first."""
    runs = all_runs(workspace)
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    return parents, [run for run in runs if "siu.request_id" in run.data.tags]


def release_runs(workspace: Workspace) -> "list[Run]":
    return [run for run in all_runs(workspace) if "siu.release" in run.data.tags]


def all_runs(workspace: Workspace) -> "list[Run]":
    client = client_of(workspace)
    experiment = client.get_experiment_by_name("siu")
    return list(client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"]))


def bytes_below(workspace: Workspace) -> dict[str, str]:
    files = [path for path in workspace.root.rglob("*") if path.is_file()]
    return {path.relative_to(workspace.root).as_posix(): file_digest(path) for path in files}


@pytest.fixture
def registry(standing: Workspace) -> Iterator[None]:
    """MLflow's functions ask the workspace's database."""
    import mlflow

    mlflow.set_tracking_uri(uri_of(standing))
    yield
    mlflow.set_tracking_uri(None)


def test_a_request_that_is_served_later_is_in_the_report_of_the_same_run(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_for_first(job, subject, folder, on_progress):  # type: ignore[no-untyped-def]
        if subject == "r-0":
            raise ConceptError("E-UNL-001", "the loss is not finite", "Lower unlearning.lr")
        UNLEARN.work(job, subject, folder, on_progress)

    with monkeypatch.context() as patched:
        patched.setattr(chain, "UNLEARN", replace(UNLEARN, work=fail_for_first))
        run(standing)
    ends = {child.data.tags["siu.request_id"]: child.info.status for child in tracked(standing)[1]}
    assert ends == {"r-0": "FAILED", "r-1": "FINISHED"}
    result = run(standing)
    assert result.folder is not None
    (parent,), children = tracked(standing)
    assert {child.data.tags["siu.request_id"] for child in children} == {"r-0", "r-1"}
    assert {child.info.status for child in children} == {"FINISHED"}
    for name in ("summary.json", "report.html"):
        (shown,) = standing.mlflow_artifacts.rglob(name)
        assert parent.info.run_id in str(shown)
        assert shown.read_bytes() == (result.folder / name).read_bytes()


def test_a_concept_has_each_loss_once_and_measurements_at_the_step_they_belong_to(
    standing: Workspace,
) -> None:
    result = run(standing)
    client = client_of(standing)
    (parent,), children = tracked(standing)
    assert not [note for note in result.notes if "MLflow" in note]
    outcomes = {outcome.request_id: outcome for outcome in result.outcomes}
    for child in children:
        outcome = outcomes[child.data.tags["siu.request_id"]]
        losses = list(read_jsonl(outcome.outputs["unlearn"].folder / LOSSES))
        for name in losses[0].keys() - {"step"}:
            history = client.get_metric_history(child.info.run_id, f"training.{name}")
            shown = [(point.step, point.value) for point in history]
            assert shown == [(row["step"], row[name]) for row in losses]
        (before,) = client.get_metric_history(child.info.run_id, "before.generality_em")
        (after,) = client.get_metric_history(child.info.run_id, "after.generality_em")
        assert (before.step, after.step) == (0, len(losses))
        assert after.value == outcome.after["generality_em"]
        assert outcome.verdict is not None
        assert child.data.tags["siu.assurance"] == outcome.verdict.assurance
        data = {given.dataset.name: given.tags[0].value for given in child.inputs.dataset_inputs}
        assert data == {"finetuning-data": "training", "collection": "evaluation"}
    assert parent.data.metrics["concepts"] == 2
    assert parent.data.metrics["verdicts.partial"] == 2


def test_the_release_is_a_run_with_metrics_per_member(standing: Workspace) -> None:
    result = run(standing)
    assert result.released is not None
    (release,) = release_runs(standing)
    for member in ("r-0", "r-1"):
        after = result.released.after(member)["generality_em"]
        assert release.data.metrics[f"{member}.generality_em"] == after
        assert release.data.tags[f"siu.verdict.{member}"] == result.released.verdicts[member].verdict


@pytest.mark.usefixtures("registry")
def test_the_registered_model_answers_as_ask_does(standing: Workspace) -> None:
    from mlflow import pyfunc

    run(standing)
    picture = standing.root / "requests/0.png"
    expected = ask(standing, "Who is this?", picture, None).after
    model = pyfunc.load_model("models:/siu@released")
    content = picture.read_bytes()
    pictures = [str(picture), content, base64.b64encode(content).decode()]
    rows = pd.DataFrame({"question": ["Who is this?"] * 3, "picture": pictures})
    assert list(model.predict(rows)) == [expected] * 3
    with pytest.raises(InputError, match="E-ASK-002 row 1"):
        model.predict(pd.DataFrame({"question": ["Who is this?", " "]}))


def test_a_version_is_made_once_and_the_alias_follows_what_is_deployed(standing: Workspace) -> None:
    run(standing)
    run(standing)
    client = client_of(standing)
    change(standing, "unlearning", steps=3)
    run(standing)
    assert int(client.get_model_version_by_alias("siu", "released").version) == 2
    change(standing, "unlearning", steps=2)
    run(standing)
    assert int(client.get_model_version_by_alias("siu", "released").version) == 1
    assert len(client.search_model_versions("name = 'siu'")) == 2


def test_runs_that_a_killed_process_left_are_marked_but_not_those_of_another_workspace(
    standing: Workspace,
) -> None:
    run(standing)
    (parent,), _ = tracked(standing)
    client = client_of(standing)
    left = {**parent.data.tags, "siu.plan_digest": "left"}
    mine, other = (
        client.create_run(parent.info.experiment_id, tags={**left, WORKSPACE_TAG: workspace}).info.run_id
        for workspace in (left[WORKSPACE_TAG], "another")
    )
    run(standing)
    assert client.get_run(mine).info.status == "KILLED"
    assert client.get_run(other).info.status == "RUNNING"


def test_other_gates_are_another_batch_with_verdicts_of_its_own(standing: Workspace) -> None:
    run(standing)
    change(standing, "gates", yes_no_em=0.0)
    run(standing)
    run(standing)
    parents, children = tracked(standing)
    of_parent = {
        parent.info.run_id: [
            child.data.tags["siu.verdict"]
            for child in children
            if child.data.tags["mlflow.parentRunId"] == parent.info.run_id
        ]
        for parent in parents
    }
    assert [len(set(verdicts)) for verdicts in of_parent.values()] == [1, 1]
    first, second = (verdicts[0] for verdicts in of_parent.values())
    assert first == "partial" != second


def test_what_a_server_that_is_down_missed_is_told_by_the_next_run_and_no_password_is_kept(
    standing: Workspace,
) -> None:
    change(standing, "tracking", uri=NOBODY)
    result = run(standing)
    assert [note for note in result.notes if note.startswith("not in MLflow yet")]
    assert result.summary()["params"]["tracking"]["uri"] == "http://***@127.0.0.1:9/mlflow"
    texts = [path for path in standing.root.rglob("*") if path.is_file() and path != standing.params_file]
    assert not [path for path in texts if b"s3cret" in path.read_bytes()]
    change(standing, "tracking", uri="sqlite:///mlflow.db")
    change(standing, "gates", yes_no_em=0.0)
    assert not [note for note in run(standing).notes if "MLflow" in note]
    parents, children = tracked(standing)
    assert [parent.info.status for parent in parents] == ["FINISHED", "FINISHED"]
    assert [child.info.status for child in children] == ["FINISHED"] * 4


def test_a_database_that_could_not_be_opened_is_told_when_it_is_asked_again(standing: Workspace) -> None:
    blocked = standing.root / "blocked"
    blocked.write_text("a file where a folder is needed")
    change(standing, "tracking", uri="sqlite:///blocked/mlflow.db")
    with Tracker(standing, standing.params().tracking) as tracker:
        tracker.record(RunRecord(key="k", name="r-0"))
        assert str(tracker.told()).startswith("not in MLflow yet")
        blocked.unlink()
        blocked.mkdir()
        shutil.copyfile(standing.mlflow_database, blocked / "mlflow.db")
        assert tracker.told() is None


def test_a_copied_workspace_leaves_the_original_as_it_is(standing: Workspace, tmp_path: Path) -> None:
    run(standing)
    before = bytes_below(standing)
    copy = Workspace(Path(shutil.copytree(standing.root, tmp_path / "copy")))
    change(copy, "gates", yes_no_em=0.0)
    run(copy)
    assert bytes_below(standing) == before
    for shown in all_runs(copy):
        assert shown.info.artifact_uri.startswith(copy.mlflow_artifacts.as_uri())
    assert len(tracked(copy)[0]) == 2
    version = client_of(copy).get_model_version_by_alias("siu", "released")
    assert version.source.startswith(copy.mlflow_artifacts.as_uri())


def test_a_lost_database_is_filled_again(standing: Workspace, template: Path) -> None:
    run(standing)
    shown = {run.info.run_name: run.data.metrics for run in all_runs(standing)}
    shutil.copyfile(template / "mlflow.db", standing.mlflow_database)
    run(standing)
    assert {run.info.run_name: run.data.metrics for run in all_runs(standing)} == shown


@pytest.mark.parametrize(
    ("tuned", "name", "steps"), [(False, "training", [1, 2]), (True, "tuning", [1, 2, 3])]
)
def test_losses_are_there_while_the_training_goes_on(
    standing: Workspace, tuned: bool, name: str, steps: list[int]
) -> None:
    def runs_of(training: Training) -> list[RunRecord]:
        return [RunRecord(key=training.plan, name=training.requests[0])]

    tracker = Tracker(standing, standing.params().tracking, runs_of, tuned=tuned)
    client = client_of(standing)
    with live_losses(standing.tracking, Training("unlearn", ("r-0",), "plan")) as note:
        for number, step in enumerate([1, 2, 1] if tuned else [1, 2], 1):
            note(StepLoss(step, 1.0 / number, {"forget": 0.5}, 0.1, 1e-3))
            tracker.turn()
            (under_way,) = all_runs(standing)
            assert under_way.info.status == "RUNNING"
            assert under_way.data.metrics[f"{name}.loss"] == 1.0 / number
    history = client.get_metric_history(under_way.info.run_id, f"{name}.loss")
    assert [point.step for point in history] == steps
    assert {f"{name}.forget", f"{name}.gradient_norm", f"{name}.lr"} <= under_way.data.metrics.keys()
