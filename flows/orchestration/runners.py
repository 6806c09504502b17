"""Prefect's own task runners, as ``runtime.runner`` names them."""

import logging
import os
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from flows.orchestration.cluster_probe import GPU
from flows.orchestration.clusters import HERE, check_cluster
from siu.config.params import RuntimeParams
from siu.errors import InputError

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner


def check_runner(runtime: RuntimeParams) -> None:
    """Refuse a runner that isn't installed, and a cluster that can't be used.

    Raises:
        InputError: ``E-RUN-008`` its package is missing; ``010``, ``011`` see `check_cluster`.
    """
    if runtime.runner != "threads" and find_spec(f"prefect_{runtime.runner}") is None:
        what = f"{runtime.runner} needs prefect-{runtime.runner}, which is not installed"
        remedy = f"Run `pip install 'siu[{runtime.runner}]'`, or set it to threads"
        raise InputError("E-RUN-008", what, remedy, "params.yaml: runtime.runner")
    check_cluster(runtime)


def task_runner(runtime: RuntimeParams) -> "TaskRunner[Any]":
    """Return the task runner of a batch.

    Threads wait for the worker processes (`tasks.runtime.workers`), so there are as many of them. A cluster's
    processes work themselves: those of ``runtime.cluster``, or as many that are started on this machine.
    """
    if runtime.runner == "dask":
        return _on_dask(runtime)
    if runtime.runner == "ray":
        return _on_ray(runtime)
    from prefect.task_runners import ThreadPoolTaskRunner

    return ThreadPoolTaskRunner(max_workers=runtime.workers)


def _on_dask(runtime: RuntimeParams) -> "TaskRunner[Any]":
    from prefect_dask import DaskTaskRunner

    logging.getLogger("distributed").setLevel(logging.ERROR)  # its import has set another level
    if runtime.cluster is not None:
        there: TaskRunner[Any] = DaskTaskRunner(address=runtime.cluster)
        return there
    cluster = {"n_workers": runtime.workers, "threads_per_worker": 1, "dashboard_address": None}
    here: TaskRunner[Any] = DaskTaskRunner(cluster_kwargs=cluster)
    return here


def _on_ray(runtime: RuntimeParams) -> "TaskRunner[Any]":
    from prefect_ray import RayTaskRunner

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a cluster that is started here reports to nobody
    own = {"num_cpus": runtime.workers, "include_dashboard": False}
    settings = own if runtime.cluster is None else {}
    # The address as a setting: prefect-ray takes "auto" for none, and Ray none for any that runs here.
    runner: TaskRunner[Any] = RayTaskRunner(init_kwargs={"address": runtime.cluster or HERE, **settings})
    return runner


def with_gpus(runtime: RuntimeParams, task: str) -> AbstractContextManager[object]:
    """Have what is submitted in the block take ``runtime.gpus_per_task``, if the task uses the model.

    Args:
        runtime: What a run is told.
        task: The task's name.
    """
    from tasks.chain import WITH_MODEL

    if not runtime.gpus_per_task or task not in WITH_MODEL:
        return nullcontext()
    if runtime.runner == "dask":
        import dask

        reserved: AbstractContextManager[object] = dask.annotate(resources={GPU: runtime.gpus_per_task})
        return reserved
    from prefect_ray.context import remote_options

    options: AbstractContextManager[object] = remote_options(num_gpus=runtime.gpus_per_task)
    return options
