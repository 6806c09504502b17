"""Runs whose process was killed are ended by whoever knows so, however many tasks and runs there are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_HOME, temporary_settings
from prefect.states import Completed, Running

from flows import left_runs
from flows.left_runs import crash_left_runs, end_left_runs, unfinished_tasks, workspace_tag
from flows.orchestration.gate import USER
from flows.orchestration.server import prefect_server
from siu.storage.workspace import Workspace

PASSWORD = "of the tests alone"


@flow
def batch() -> None:
    """Stand for any flow: its runs are made by hand."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("prefect")
    with (
        pytest.MonkeyPatch.context() as patch,
        temporary_settings({PREFECT_HOME: home}),
    ):
        patch.setenv("PREFECT_HOME", str(home))
        with prefect_server(password=PASSWORD) as url:
            yield url


@pytest.fixture
def client(server: str) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as client:
        yield client
    crash_left_runs("the test ended")


@pytest.fixture
def others(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def running(client: SyncPrefectClient, *tags: str) -> UUID:
    return client.create_flow_run(batch, tags=tags, state=Running()).id


def state_of(client: SyncPrefectClient, run_id: UUID) -> str | None:
    return client.read_flow_run(run_id).state_name


def add_tasks(url: str, run_id: UUID, states: list[State[Any]]) -> None:
    """Make task runs as Prefect's engine does, without the seconds that it takes."""
    with httpx.Client(base_url=url, auth=(USER, PASSWORD), trust_env=False, timeout=60) as api:
        token = api.get("/csrf-token", params={"client": "test"}).json()["token"]
        api.headers.update({"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": "test"})
        for number, state in enumerate(states):
            task = {"flow_run_id": str(run_id), "task_key": "unlearn", "dynamic_key": str(number)}
            told = state.model_dump(mode="json", include={"type", "name"})
            api.post("/task_runs/", json={**task, "state": told}).raise_for_status()


def test_the_next_run_of_a_workspace_ends_what_was_left_and_touches_no_other(
    client: SyncPrefectClient, workspace: Workspace, others: Workspace
) -> None:
    killed, elsewhere, waits = running(client), running(client), running(client)
    end_left_runs(workspace, str(killed))
    end_left_runs(others, str(elsewhere))
    own = running(client, "by hand")
    assert end_left_runs(workspace, str(own)) == 1
    assert state_of(client, killed) == "Crashed"
    assert [state_of(client, run) for run in (elsewhere, waits, own)] == ["Running"] * 3
    assert set(client.read_flow_run(own).tags) == {"by hand", workspace_tag(workspace)}
    assert str(workspace.root) not in workspace_tag(workspace)


def test_without_prefect_there_is_nothing_to_end(workspace: Workspace) -> None:
    assert end_left_runs(workspace, "") == 0


def test_a_task_that_is_at_work_is_seen_on_any_page(
    server: str, client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id, many = running(client), 3
    monkeypatch.setattr(left_runs, "PAGE", many)
    add_tasks(server, run_id, [Completed()] * many + [Running()] + [Completed()] * many)
    assert len(unfinished_tasks(client, run_id)) == 1
    assert crash_left_runs("gone") == 1
    assert unfinished_tasks(client, run_id) == []


def test_more_runs_than_a_page_holds_are_ended(
    client: SyncPrefectClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left_runs, "PAGE", 2)
    runs = [running(client) for _ in range(5)]
    assert crash_left_runs("gone") == len(runs)
    assert {state_of(client, run) for run in runs} == {"Crashed"}
