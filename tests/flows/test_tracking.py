"""MLflow shows a batch as it is now: its last report, and the verdicts under its gates."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from flows import stages
from siu.errors import ConceptError
from siu.storage.workspace import Workspace
from tasks.mlflow_runs import WORKSPACE_TAG
from tests.flows.batches import change, run

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient


def client_of(workspace: Workspace) -> "MlflowClient":
    from mlflow.tracking import MlflowClient

    return MlflowClient(f"sqlite:///{workspace.mlflow_database}")


def tracked(workspace: Workspace) -> "tuple[list[Run], list[Run]]":
    """Return parent and child runs, the oldest first."""
    client = client_of(workspace)
    (experiment,) = [one for one in client.search_experiments() if one.name == "siu"]
    runs = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])
    is_child = ["mlflow.parentRunId" in one.data.tags for one in runs]
    pairs = list(zip(runs, is_child, strict=True))
    return [one for one, child in pairs if not child], [one for one, child in pairs if child]


def test_a_request_that_is_served_later_is_in_the_report_of_the_same_run(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_for_first(job, subject, folder, on_progress):  # type: ignore[no-untyped-def]
        if subject == "r-0":
            raise ConceptError("E-UNL-001", "the loss is not finite", "Lower unlearning.lr")
        stages.UNLEARN.work(job, subject, folder, on_progress)

    failing = replace(stages.UNLEARN, work=fail_for_first)
    chain = tuple(failing if stage is stages.UNLEARN else stage for stage in stages.CONCEPT_STAGES)
    with monkeypatch.context() as patched:
        patched.setattr(stages, "CONCEPT_STAGES", chain)
        run(standing)
    result = run(standing)
    assert result.folder is not None
    (parent,), children = tracked(standing)
    assert [child.data.tags["siu.request_id"] for child in children] == ["r-1", "r-0"]
    for name in ("summary.json", "report.html"):
        (shown,) = standing.mlflow_artifacts.rglob(name)
        assert parent.info.run_id in str(shown)
        assert shown.read_bytes() == (result.folder / name).read_bytes()


def test_runs_that_a_killed_process_left_are_removed_but_not_those_of_another_workspace(
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
    found = {one.info.run_id for one in tracked(standing)[0]}
    assert found == {parent.info.run_id, other}
    assert client.get_run(mine).info.lifecycle_stage == "deleted"


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
    assert list(of_parent.values()) == [["partial", "partial"], ["erased", "erased"]]
