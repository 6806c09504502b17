"""Runs whose time passed while nothing served their schedule: one run makes up for them, or none does."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.schedules import CronSchedule
from prefect.states import Cancelled
from prefect.types._datetime import DateTime

from siu.storage.workspace import Workspace
from tasks.schedule_log import last_alive, last_served_times, note_schedule, served_times

MISSED = "missed: nothing served the schedule at its time"
MOST = 100
"""Missed runs that are counted."""
LATE = timedelta(minutes=5)
"""A run that begins so late was missed: the machine slept, or was busy with other runs."""


async def make_up(workspace: Workspace, deployment: UUID, cron: str, zone: str) -> None:
    """Cancel what was left over, and make up for what was missed with one run, or with none.

    Other times than those that were served before have missed nothing.
    """
    await cancel_missed(deployment)
    is_other = last_served_times(workspace) not in ("", served_times(cron, zone))
    missed = await missed_times(None if is_other else last_alive(workspace), cron, zone)
    if not missed:
        return
    runs = f"{missed} run{'s' * (missed > 1)} while nothing served them"
    if workspace.params().schedule.catch_up == "none":
        note_schedule(workspace, "missed", f"{runs}; not made up for (schedule.catch_up: none)")
        return
    note_schedule(workspace, "missed", f"{runs}; one run makes up for them")
    async with get_client() as client:
        await client.create_flow_run_from_deployment(
            deployment, name=f"catch-up-{datetime.now(UTC):%Y%m%d-%H%M}"
        )


async def cancel_missed(deployment: UUID) -> int:
    """Cancel the runs of a deployment whose time passed while nothing served them; return how many.

    Prefect would run them all, one after the other. A run that a person asked for stays.
    """
    late, cancelled = _due_runs(deployment), 0
    async with get_client() as client:
        while runs := [
            run for run in await client.read_flow_runs(flow_run_filter=late) if run.auto_scheduled
        ]:
            for run in runs:
                await client.set_flow_run_state(run.id, Cancelled(message=MISSED), force=True)
            cancelled += len(runs)
    return cancelled


async def missed_times(since: datetime | None, cron: str, zone: str) -> int:
    """Return how many times of a schedule have passed since it was last served, `MOST` at most.

    Args:
        since: When it was; None for never, then none was missed.
        cron: When batches run.
        zone: Whose clock that means.
    """
    from prefect.server.schemas.schedules import CronSchedule as Dates

    if since is None:
        return 0
    schedule = Dates(**CronSchedule(cron=cron, timezone=zone).model_dump())
    return len(await schedule.get_dates(n=MOST, start=since, end=datetime.now(UTC)))


def why_left_out(catch_up: str) -> str:
    """Return why the run that is under way is not to be made up for; empty where it is in time.

    Args:
        catch_up: Of ``schedule`` in params.yaml.
    """
    from prefect.runtime import flow_run

    due = flow_run.scheduled_start_time
    if due is None or flow_run.id is None:
        return ""
    if catch_up == "none" and DateTime.now("UTC") - due > LATE:
        return f"missed: it was due at {due:%Y-%m-%d %H:%M} UTC"
    with get_client(sync_client=True) as client:
        superseded = is_superseded(client, UUID(flow_run.id), due)
    return "missed: a later run is due already" if superseded else ""


def is_superseded(client: SyncPrefectClient, run_id: UUID, due: datetime) -> bool:
    """Return whether a run of the same deployment that is scheduled later is due as well."""
    deployment = client.read_flow_run(run_id).deployment_id
    if deployment is None:
        return False
    later = _due_runs(deployment, after=DateTime.instance(due).add(seconds=1))
    return bool(client.read_flow_runs(flow_run_filter=later, limit=1))


def _due_runs(deployment: UUID, after: DateTime | None = None) -> FlowRunFilter:
    """Return the runs of a deployment that have not begun although their time has come."""
    times = FlowRunFilterExpectedStartTime(after_=after, before_=DateTime.now("UTC"))
    return FlowRunFilter(
        deployment_id=FlowRunFilterDeploymentId(any_=[deployment]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
        expected_start_time=times,
    )
