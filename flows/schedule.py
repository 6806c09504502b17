"""`siu schedule`: the batch on a cron, served by Prefect on loopback."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from siu.errors import InputError, StateError
from siu.workspace import Workspace

START_SECONDS = 60.0


def serve(workspace: Workspace, cron: str, port: int, echo: Callable[[str], None]) -> None:
    """Serve the batch until the process is ended; one run at a time.

    A server is started on loopback unless ``PREFECT_API_URL`` names one.

    Raises:
        InputError: ``E-SCH-001`` the cron expression is not one.
        StateError: ``E-SCH-002`` the server did not come up.
    """
    _check_cron(cron)
    with _server(workspace, port) as url:
        from prefect.settings import PREFECT_API_URL, temporary_settings

        with temporary_settings({PREFECT_API_URL: url}):
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


@contextmanager
def _server(workspace: Workspace, port: int) -> Iterator[str]:
    given = os.environ.get("PREFECT_API_URL")
    if given:
        yield given
        return
    url = f"http://127.0.0.1:{port}/api"
    command = (sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port))
    environment = {**os.environ, "PREFECT_SERVER_UI_API_URL": url}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    import httpx

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/health").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise StateError(
        "E-SCH-002", "the Prefect server did not start", "See whether its port is taken, or use --port"
    )
