"""The batch as a Prefect flow, as `siu batch` runs it and `siu schedule` serves it."""

import os
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.batch import BatchResult, run_batch
from flows.plan import check_base_model
from flows.prefect_server import drain, prefect_server
from flows.schedulers import PrefectTasks
from siu.workspace import Workspace

WORKERS = 16
"""Threads that wait for worker processes; how many work is ``runtime.workers``."""


TASK_RUNNER: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=WORKERS)


@flow(name="batch", task_runner=TASK_RUNNER, persist_result=False)
def batch(workspace: str, requests: str = "") -> BatchResult:
    """Unlearn, evaluate, attack, release and report all requests of a workspace.

    Args:
        workspace: The workspace's folder.
        requests: Another table than the one named in params.yaml.
    """
    scheduler = PrefectTasks()
    result = run_batch(Workspace(Path(workspace)), scheduler, requests=requests)
    drain(scheduler.run_id)
    return result


def run_flow(workspace: Workspace, requests: str = "") -> BatchResult:
    """Run the flow once, with a server for as long as it takes."""
    with prefect_server(meanwhile=lambda: check_base_model(workspace.params(), workspace.root)):
        result: BatchResult = batch(os.fspath(workspace.root), requests)
        return result
