"""Batch and comparison as Prefect flows: what `siu batch` and `siu compare` run and `siu schedule` serves."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.batch import BatchResult, run_batch
from flows.comparison.study import ComparisonResult, run_comparison
from flows.orchestration.schedulers import PrefectTasks
from flows.orchestration.server import drain, prefect_server
from flows.plan import check_base_model
from siu.storage.workspace import Workspace

WORKERS = 16
"""Threads of a study that wait for worker processes; how many work is ``runtime.workers``."""


TASK_RUNNER: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=WORKERS)


@flow(name="batch", persist_result=False)
def batch(workspace: str, requests: str = "", tune: bool = False) -> BatchResult:
    """Unlearn, evaluate, attack, release and report all requests of a workspace.

    Its tasks run on the task runner that ``runtime.runner`` of the workspace names (see `runners`).

    Args:
        workspace: The workspace's folder.
        requests: Another table than the one named in params.yaml.
        tune: Whether rate and steps are searched for, whatever params.yaml says.
    """
    scheduler = PrefectTasks()
    result = run_batch(Workspace(Path(workspace)), scheduler, requests=requests, tune=tune)
    drain(scheduler.run_id)
    return result


@flow(name="compare", task_runner=TASK_RUNNER, persist_result=False)
def compare(workspace: str, study: str, only: list[str]) -> ComparisonResult:
    """Run every method of a study on every concept with every seed.

    Args:
        workspace: The workspace's folder.
        study: A ready study's name, or the path of a YAML file.
        only: Methods to run; all if empty.
    """
    scheduler = PrefectTasks()
    result = run_comparison(Workspace(Path(workspace)), scheduler, study, only=only)
    drain(scheduler.run_id)
    return result


def run_study(workspace: Workspace, study: str, only: Sequence[str]) -> ComparisonResult:
    """Run the comparison once, with a server for as long as it takes."""
    with prefect_server(meanwhile=lambda: check_base_model(workspace.params(), workspace.root)):
        result: ComparisonResult = compare(os.fspath(workspace.root), study, list(only))
        return result
