"""Serves the scheduled batch: ``python -m flows.orchestration.runner_process CRON ZONE``.

The address of Prefect's API, its password and the workspace come in the environment.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.orchestration.missed_runs import cancel_missed
from flows.orchestration.parent import end_with_parent
from flows.orchestration.processes import WORKSPACE
from flows.orchestration.scheduled import scheduled_batch
from siu.storage.workspace import Workspace
from tasks.schedule_log import (
    ALIVE_SECONDS,
    last_alive,
    note_alive,
    note_schedule,
    shorten_schedule_log,
)

NAME = "siu"
PROCESSES = 3
"""One works, one waits for it, one finds that both are there."""


def main() -> None:
    """Serve until SIGTERM, or until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    end_with_parent()
    asyncio.run(_serve(Workspace(Path(os.environ[WORKSPACE])), *sys.argv[1:3]))


async def _serve(workspace: Workspace, cron: str, zone: str) -> None:
    shorten_schedule_log(workspace)
    runner = Runner(name=NAME, pause_on_shutdown=False, limit=PROCESSES)
    deployment = await runner.aadd_flow(
        scheduled_batch,
        name=NAME,
        schedule=Cron(cron, timezone=zone),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    await _make_up(workspace, deployment, cron, zone)
    note_alive(workspace)
    note_schedule(workspace, "serves", f"{cron!r}, {zone} time")
    async with asyncio.TaskGroup() as group:
        group.create_task(_stay_alive(workspace))
        group.create_task(runner.start())


async def _make_up(workspace: Workspace, deployment: UUID, cron: str, zone: str) -> None:
    """Cancel what was left over, and make up for what was missed with one run, or with none."""
    await cancel_missed(deployment)
    missed = await _missed(last_alive(workspace), cron, zone)
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


async def _missed(since: datetime | None, cron: str, zone: str) -> int:
    """Return how many times of the schedule have passed since it was last served, a hundred at most."""
    from prefect.client.schemas.schedules import CronSchedule
    from prefect.server.schemas.schedules import CronSchedule as Dates

    if since is None:
        return 0
    schedule = Dates(**CronSchedule(cron=cron, timezone=zone).model_dump())
    return len(await schedule.get_dates(n=100, start=since, end=datetime.now(UTC)))


async def _stay_alive(workspace: Workspace) -> None:
    while True:
        note_alive(workspace)
        await asyncio.sleep(ALIVE_SECONDS)


if __name__ == "__main__":
    main()
