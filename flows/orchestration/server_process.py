"""A server that ends with its parent: ``python -m flows.orchestration.server_process prefect PORT``.

Prefect's own start leaves the server behind when its parent is killed, and Ctrl-C reaches the server first,
so that the flow waits for an answer that never comes. The password comes in the environment.
"""

import os
import signal
import sys
from typing import cast

from starlette.types import ASGIApp

from flows.orchestration.gate import HOST, Gate
from flows.orchestration.parent import end_with_parent
from flows.orchestration.password import VARIABLE


def main() -> None:
    """Serve on loopback until SIGTERM, or until the parent is gone."""
    import uvicorn

    name, port = sys.argv[1], int(sys.argv[2])
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    gate = Gate(APPLICATIONS[name](), port, os.environ.pop(VARIABLE))
    uvicorn.run(gate, host=HOST, port=port, log_level="critical", timeout_graceful_shutdown=1)


def _prefect() -> ASGIApp:
    from prefect.server.api.server import create_app

    return cast(ASGIApp, create_app())


def _mlflow() -> ASGIApp:
    """Return MLflow's own server over the workspace's database, which is made or migrated first."""
    from pathlib import Path

    from mlflow.server import ARTIFACT_ROOT_ENV_VAR, BACKEND_STORE_URI_ENV_VAR

    from siu.storage.workspace import Workspace
    from tasks.tracking.database import LOCK, PREFIX, prepare_database
    from tasks.tracking.location import artifacts_of, tracking_file

    workspace = Workspace(Path.cwd())
    file = tracking_file(workspace, workspace.params().tracking)
    assert file is not None, "the service starts no page of a database that is a server's"
    artifacts = artifacts_of(workspace, file)
    workspace.state.mkdir(parents=True, exist_ok=True)
    prepare_database(file, artifacts, workspace.state / LOCK)
    os.environ[BACKEND_STORE_URI_ENV_VAR] = f"{PREFIX}{file}"
    os.environ[ARTIFACT_ROOT_ENV_VAR] = artifacts.as_uri()
    from mlflow.server.fastapi_app import app

    return cast(ASGIApp, app)


APPLICATIONS = {"prefect": _prefect, "mlflow": _mlflow}

if __name__ == "__main__":
    main()
