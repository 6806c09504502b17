"""Runs whose time passed while nothing served their schedule: they are cancelled, not made up for."""

from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelled
from prefect.types._datetime import DateTime

MISSED = "missed: nothing served the schedule at its time"


async def cancel_missed(deployment: UUID) -> int:
    """Cancel the runs of a deployment whose time passed while nothing served them; return how many.

    Prefect would run them all, one after the other. A run that a person asked for stays.
    """
    late = FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=[deployment]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=FlowRunFilterExpectedStartTime(before_=DateTime.now("UTC")),
    )
    cancelled = 0
    async with get_client() as client:
        while runs := [
            run for run in await client.read_flow_runs(flow_run_filter=late) if run.auto_scheduled
        ]:
            for run in runs:
                await client.set_flow_run_state(run.id, Cancelled(message=MISSED), force=True)
            cancelled += len(runs)
    return cancelled
