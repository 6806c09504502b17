"""Runs that Prefect still has as running although their process was killed: whoever knows so ends them.

Prefect learns nothing from a process that was killed. Who holds the batch lock of a workspace knows that no
other run of it is at work; who starts a server on a database of its own knows that of all runs.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from siu.storage.workspace import Workspace

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

PAGE = 200
"""What Prefect gives at once."""
MESSAGE = "its process was killed; another run of the workspace has begun"


def end_left_runs(workspace: Workspace, run_id: str) -> int:
    """Mark flow runs of a workspace as crashed that are said to be running, with their tasks.

    Args:
        workspace: Whose; the caller holds its batch lock.
        run_id: The caller's own flow run; empty where Prefect has no part in it, then nothing is done.

    Returns:
        How many there were.
    """
    if not run_id:
        return 0
    own, root = UUID(run_id), str(workspace.root)
    return crash_left_runs(MESSAGE, lambda run: run.id != own and run.parameters.get("workspace") == root)


def crash_left_runs(message: str, is_left: Callable[["FlowRun"], bool] = lambda run: True) -> int:
    """Mark flow runs that count as running as crashed, with their tasks; return how many.

    Args:
        message: What their state says.
        is_left: Whether a run has lost its process; by default all have.
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    at_work = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    running = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=at_work)))
    with get_client(sync_client=True) as client:
        left = [run for run in client.read_flow_runs(flow_run_filter=running) if is_left(run)]
        for run in left:
            for task_id in _unfinished(client, run.id):
                client.set_task_run_state(task_id, Crashed(message=message), force=True)
            client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return len(left)


def _unfinished(client: "SyncPrefectClient", run_id: UUID) -> list[UUID]:
    """Return the tasks of a flow run that have come to no end, page by page."""
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    of_run, unfinished, offset = FlowRunFilter(id=FlowRunFilterId(any_=[run_id])), [], 0
    while tasks := client.read_task_runs(flow_run_filter=of_run, limit=PAGE, offset=offset):
        unfinished += [task.id for task in tasks if not (task.state and task.state.is_final())]
        offset += PAGE
    return unfinished
