"""`siu up` and `siu schedule`: Prefect, MLflow's page and the schedule, on loopback, behind a password."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from subprocess import Popen

from flows.orchestration.gate import HOST, USER
from flows.orchestration.password import VARIABLE, service_password
from flows.orchestration.processes import interrupted_by_signals, runner
from flows.orchestration.server import prefect_server
from flows.orchestration.server_start import refuse_taken, server, wait_for
from flows.terminal.time_zone import checked_zone, machine_zone
from siu.errors import InputError, StateError
from siu.storage.workspace import Workspace
from tasks.batch_lock import is_free
from tasks.schedule_log import last_alive, note_schedule

CHECK_SECONDS = 0.2


@dataclass(frozen=True)
class ServiceOptions:
    """What is to be served.

    Attributes:
        cron: When batches run.
        timezone: IANA name of the zone whose clock the cron means; None for the machine's.
        port: Of Prefect.
        mlflow_port: Of MLflow's page; None for none.
    """

    cron: str
    timezone: str | None = None
    port: int = 4200
    mlflow_port: int | None = None


def serve(workspace: Workspace, options: ServiceOptions, echo: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; then all that was started is ended within two seconds.

    Args:
        workspace: Whose requests.
        options: What.
        echo: Prints a line.

    Raises:
        InputError: ``E-SCH-001`` the cron expression is not one, ``003`` there is no such time zone.
        StateError: ``E-SCH-002`` a server did not come up, ``004`` the password can't be used, ``005``
            something ended by itself.
        PreflightError: params.yaml has problems.
    """
    zone = checked_zone(options.timezone) if options.timezone is not None else machine_zone()
    _check_cron(options.cron)
    workspace.params()
    password = service_password(workspace)
    with suppress(KeyboardInterrupt), interrupted_by_signals(), ExitStack() as stack:
        watched = _start(stack, workspace, options, zone, password, echo)
        while True:
            for name, process in watched.items():
                if process.poll() is not None:
                    what = f"{name} ended by itself, with exit code {process.returncode}"
                    raise StateError("E-SCH-005", what, "Start it again; `siu doctor` says what is wrong")
            time.sleep(CHECK_SECONDS)
    note_schedule(workspace, "ended", "by a signal")


def _start(
    stack: ExitStack,
    workspace: Workspace,
    options: ServiceOptions,
    zone: str,
    password: str,
    echo: Callable[[str], None],
) -> dict[str, "Popen[bytes]"]:
    """Start everything, say where it is, and return what must go on running, by name."""
    from prefect.settings import PREFECT_API_URL

    is_own = not PREFECT_API_URL.value()
    watched, address = {}, f"http://{HOST}:{options.mlflow_port}"
    has_page = options.mlflow_port is not None and _keeps_metrics_here(workspace)
    if options.mlflow_port is not None and has_page:
        refuse_taken(options.mlflow_port, "--mlflow-port")
        page = server("mlflow", options.mlflow_port, password, _hosts(address), workspace.root)
        watched["MLflow's page"] = stack.enter_context(page)
    url = stack.enter_context(prefect_server(options.port, password=password))
    for process in watched.values():
        wait_for(f"{address}/health", password, process)
    if is_own:
        _reap(workspace, "its process had ended")
        stack.callback(_reap, workspace, "the service was ended")
    login = {"PREFECT_API_AUTH_STRING": f"{USER}:{password}"} if is_own else {}
    before = last_alive(workspace)
    watched["the schedule"] = stack.enter_context(runner(workspace, options.cron, zone, url, login))
    _wait_until_served(workspace, before, watched["the schedule"])
    echo(f"Batches of {workspace.root} run at {options.cron!r}, {zone} time.")
    echo(f"Prefect: {url.removesuffix('/api')}")
    if options.mlflow_port is not None:
        echo(f"MLflow: {address if has_page else 'the server that tracking.uri names'}")
    if (page_process := watched.get("MLflow's page")) is not None:
        stack.callback(page_process.terminate)  # nobody waits for it, so it begins to end before all others
    place = VARIABLE if os.environ.get(VARIABLE) else workspace.service_password
    echo(f"User {USER}, password in {place}. Ctrl-C ends it.")
    return watched


def _wait_until_served(workspace: Workspace, before: datetime | None, process: "Popen[bytes]") -> None:
    """Wait until the schedule says that it is alive, or has ended, which the caller sees."""
    while last_alive(workspace) == before and process.poll() is None:
        time.sleep(CHECK_SECONDS)


def _keeps_metrics_here(workspace: Workspace) -> bool:
    """Return whether MLflow's metrics are in a file, whose page can be served."""
    from tasks.tracking.location import tracking_file

    return tracking_file(workspace, workspace.params().tracking) is not None


def _hosts(address: str) -> dict[str, str]:
    """Return the settings of an MLflow server that answers under one name, its own pages alone."""
    return {
        "MLFLOW_SERVER_ALLOWED_HOSTS": address.removeprefix("http://"),
        "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS": address,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }


def _reap(workspace: Workspace, message: str) -> None:
    """Mark runs as crashed whose process is gone; where a batch is at work none of them is touched."""
    from flows.left_runs import crash_left_runs

    if is_free(workspace):
        crash_left_runs(message)


def _check_cron(cron: str) -> None:
    from prefect.client.schemas.schedules import CronSchedule

    try:
        CronSchedule(cron=cron)
    except ValueError:
        remedy = 'Write it like "*/15 * * * *"'
        raise InputError("E-SCH-001", f"{cron!r} is no cron expression", remedy) from None
