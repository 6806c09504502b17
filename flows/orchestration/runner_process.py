"""Serves the scheduled batch: ``python -m flows.orchestration.runner_process CRON ZONE``.

The address of Prefect's API, its password and the workspace come in the environment.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.orchestration.catch_up import make_up
from flows.orchestration.parent import end_with_parent
from flows.orchestration.processes import WORKSPACE
from flows.orchestration.scheduled import scheduled_batch
from siu.storage.workspace import Workspace
from tasks.schedule_log import (
    ALIVE_SECONDS,
    note_alive,
    note_schedule,
    served_times,
    shorten_schedule_log,
)

NAME = "siu"
PROCESSES = 3
"""One works, one waits for it, one finds that both are there."""


class ScheduleRunner(Runner):
    """Prefect's runner, which ends at SIGTERM; what it has started is ended by the parent."""

    def handle_sigterm(self, *_args: Any, **_kwargs: Any) -> None:
        """End; Prefect's own makes a coroutine here that nobody waits for, and says so on stderr."""
        raise SystemExit(0)


def main() -> None:
    """Serve until SIGTERM, or until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    end_with_parent()
    asyncio.run(_serve(Workspace(Path(os.environ[WORKSPACE])), *sys.argv[1:3]))


async def _serve(workspace: Workspace, cron: str, zone: str) -> None:
    shorten_schedule_log(workspace)
    runner = ScheduleRunner(name=NAME, pause_on_shutdown=False, limit=PROCESSES)
    deployment = await runner.aadd_flow(
        scheduled_batch,
        name=NAME,
        schedule=Cron(cron, timezone=zone),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    await make_up(workspace, deployment, cron, zone)
    note_alive(workspace)
    note_schedule(workspace, "serves", served_times(cron, zone))
    async with asyncio.TaskGroup() as group:
        group.create_task(_stay_alive(workspace))
        group.create_task(runner.start())


async def _stay_alive(workspace: Workspace) -> None:
    while True:
        note_alive(workspace)
        await asyncio.sleep(ALIVE_SECONDS)


if __name__ == "__main__":
    main()
