"""`siu schedule`: the batch on a cron, served by Prefect on loopback."""

import os
from collections.abc import Callable

from flows.cli.time_zone import checked_zone, machine_zone
from flows.orchestration.server import prefect_server
from siu.errors import InputError
from siu.storage.workspace import Workspace


def serve(
    workspace: Workspace, cron: str, port: int, echo: Callable[[str], None], timezone: str | None = None
) -> None:
    """Serve the batch until the process is ended; one run at a time.

    A server is started on loopback unless ``PREFECT_API_URL`` names one.

    Args:
        workspace: Whose requests.
        cron: When.
        port: Where the server listens.
        echo: Prints a line.
        timezone: IANA name of the zone whose clock the cron means; None for the machine's.

    Raises:
        InputError: ``E-SCH-001`` the cron expression is not one, ``003`` there is no such time zone.
        StateError: ``E-SCH-002`` the server did not come up.
    """
    _check_cron(cron)
    zone = checked_zone(timezone) if timezone is not None else machine_zone()
    with prefect_server(port) as url:
        from prefect.schedules import Cron

        from flows.orchestration.served import batch

        echo(f"Batches of {workspace.root} run at {cron!r}, {zone} time. Prefect: {url.removesuffix('/api')}")
        batch.serve(
            name="siu",
            schedule=Cron(cron, timezone=zone),
            parameters={"workspace": os.fspath(workspace.root)},
            limit=1,
            print_starting_message=False,
        )


def _check_cron(cron: str) -> None:
    from prefect.client.schemas.schedules import CronSchedule

    try:
        CronSchedule(cron=cron)
    except ValueError:
        remedy = 'Write it like "*/15 * * * *"'
        raise InputError("E-SCH-001", f"{cron!r} is no cron expression", remedy) from None
