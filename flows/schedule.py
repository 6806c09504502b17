"""`siu schedule`: the batch on a cron, served by Prefect on loopback."""

import os
from collections.abc import Callable

from flows.prefect_server import prefect_server
from siu.errors import InputError
from siu.workspace import Workspace


def serve(workspace: Workspace, cron: str, port: int, echo: Callable[[str], None]) -> None:
    """Serve the batch until the process is ended; one run at a time.

    A server is started on loopback unless ``PREFECT_API_URL`` names one.

    Raises:
        InputError: ``E-SCH-001`` the cron expression is not one.
        StateError: ``E-SCH-002`` the server did not come up.
    """
    _check_cron(cron)
    with prefect_server(port) as url:
        from flows.served import batch

        echo(f"Batches of {workspace.root} run at {cron!r}. Prefect: {url.removesuffix('/api')}")
        batch.serve(
            name="siu",
            cron=cron,
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
