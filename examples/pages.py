"""MLflow's and Prefect's pages of a workspace, on loopback, for as long as somebody looks."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from flows.orchestration.gate import USER
from flows.orchestration.server import loopback_without_proxy, prefect_server
from flows.orchestration.server_start import wait_for
from siu.storage.workspace import Workspace

MLFLOW_PORT, PREFECT_PORT = 5055, 4255
LOGIN = {"username": USER, "password": "of these pictures"}
"""What Prefect's page asks a browser for."""


@contextmanager
def mlflow_page(workspace: Workspace) -> Iterator[str]:
    """Serve MLflow's page and yield the address of the newest batch's run."""
    from mlflow.tracking import MlflowClient

    store = f"sqlite:///{workspace.mlflow_database}"
    client = MlflowClient(store)
    name = workspace.params().tracking.experiment
    experiment = client.get_experiment_by_name(name).experiment_id
    runs = client.search_runs([experiment], order_by=["attributes.start_time DESC"])
    run = next(run for run in runs if "mlflow.parentRunId" not in run.data.tags)
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", store, "--workers", "1"]
    ways = ["--host", "127.0.0.1", "--port", str(MLFLOW_PORT)]
    process = subprocess.Popen(
        [*command, *ways], cwd=workspace.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{MLFLOW_PORT}"
    try:
        with loopback_without_proxy():
            wait_for(f"{address}/health", "", process)
            yield f"{address}/#/experiments/{experiment}/runs/{run.info.run_id}"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def prefect_page() -> Iterator[str]:
    """Serve Prefect's page and yield the address of the newest flow run of ``PREFECT_HOME``.

    A browser has to log in there (`LOGIN`).
    """
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.sorting import FlowRunSort

    with prefect_server(PREFECT_PORT, password=LOGIN["password"]) as url:
        with get_client(sync_client=True) as client:
            run, *_ = client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=1)
        yield f"{url.removesuffix('/api')}/runs/flow-run/{run.id}"
