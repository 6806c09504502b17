"""Runs that a killed batch or study has left RUNNING in Prefect: the next one of the workspace ends them.

Prefect learns nothing from a process that was killed. Who holds the batch lock knows that no other run of the
workspace is at work, so every other one that says so has lost its process.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from siu.storage.workspace import Workspace

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

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
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterId,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    is_running = FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.CANCELLING])
    others = FlowRunFilter(
        state=FlowRunFilterState(type=is_running), id=FlowRunFilterId(not_any_=[UUID(run_id)])
    )
    with get_client(sync_client=True) as client:
        left = [
            run
            for run in client.read_flow_runs(flow_run_filter=others)
            if run.parameters.get("workspace") == str(workspace.root)
        ]
        for run in left:
            for task_id in _unfinished(client, run.id):
                client.set_task_run_state(task_id, Crashed(message=MESSAGE), force=True)
            client.set_flow_run_state(run.id, Crashed(message=MESSAGE), force=True)
    return len(left)


def _unfinished(client: "SyncPrefectClient", run_id: UUID) -> list[UUID]:
    """Return the tasks of a flow run that have come to no end, page by page."""
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    of_run, unfinished, offset = FlowRunFilter(id=FlowRunFilterId(any_=[run_id])), [], 0
    while tasks := client.read_task_runs(flow_run_filter=of_run, limit=PAGE, offset=offset):
        unfinished += [task.id for task in tasks if not (task.state and task.state.is_final())]
        offset += PAGE
    return unfinished
