"""Runs that Prefect still has as running although their process was killed: whoever knows so ends them.

Prefect learns nothing from a process that was killed. Who holds the batch lock of a workspace knows that no
other run of it is at work; who starts a server on a database of its own knows that of all runs. A run has the
tag of its workspace from when it holds the lock: one that waits for its turn has none, and is left alone.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from siu.storage.workspace import Workspace

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

Run = TypeVar("Run")

PAGE = 200
"""What Prefect gives at once."""
MESSAGE = "its process was killed; another run of the workspace has begun"


def end_left_runs(workspace: Workspace, run_id: str) -> int:
    """Mark a workspace's flow runs as crashed that are said to be running, with their tasks.

    The caller's own run gets the workspace's tag, by which the next one knows it.

    Args:
        workspace: Whose; the caller holds its batch lock.
        run_id: The caller's own flow run; empty where Prefect has no part in it, then nothing is done.

    Returns:
        How many there were.
    """
    if not run_id:
        return 0
    from prefect.client.orchestration import get_client

    own, tag = UUID(run_id), workspace_tag(workspace)
    with get_client(sync_client=True) as client:
        tags = client.read_flow_run(own).tags
        client.update_flow_run(own, tags=sorted({*tags, tag}))
    return crash_left_runs(MESSAGE, lambda run: run.id != own and tag in run.tags)


def workspace_tag(workspace: Workspace) -> str:
    """Return what a flow run of a workspace is tagged with: a digest, as a path may tell too much."""
    return f"workspace-{sha256(str(workspace.root).encode()).hexdigest()[:16]}"


def crash_left_runs(message: str, is_left: Callable[["FlowRun"], bool] = lambda run: True) -> int:
    """Mark flow runs that count as running as crashed, with their tasks; return how many.

    Args:
        message: What their state says.
        is_left: Whether a run has lost its process; by default all have.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.sorting import FlowRunSort
    from prefect.states import Crashed

    at_work = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    running = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=at_work)))
    with get_client(sync_client=True) as client:
        runs = _all_pages(
            lambda offset: client.read_flow_runs(
                flow_run_filter=running, sort=FlowRunSort.ID_DESC, limit=PAGE, offset=offset
            )
        )
        left = [run for run in runs if is_left(run)]
        for run in left:
            for task_id in unfinished_tasks(client, run.id):
                client.set_task_run_state(task_id, Crashed(message=message), force=True)
            client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return len(left)


def unfinished_tasks(client: "SyncPrefectClient", run_id: UUID) -> list[UUID]:
    """Return the tasks of a flow run that have come to no end.

    Args:
        client: Of Prefect's API.
        run_id: The flow run.
    """
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
    from prefect.client.schemas.sorting import TaskRunSort

    of_run = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
    tasks = _all_pages(
        lambda offset: client.read_task_runs(
            flow_run_filter=of_run, sort=TaskRunSort.ID_DESC, limit=PAGE, offset=offset
        )
    )
    return [task.id for task in tasks if not (task.state and task.state.is_final())]


def _all_pages(read: Callable[[int], Sequence[Run]]) -> list[Run]:
    """Return what is read from each offset on, until a page isn't full; nothing is changed in between."""
    runs: list[Run] = []
    while page := read(len(runs)):
        runs += page
        if len(page) < PAGE:
            break
    return runs
