"""Prefect's own task runners, as ``runtime.runner`` names them."""

import logging
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from siu.config.params import RuntimeParams
from siu.errors import InputError

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner


def check_runner(runtime: RuntimeParams) -> None:
    """Refuse a runner that isn't installed.

    Raises:
        InputError: ``E-RUN-008`` its package is missing.
    """
    if runtime.runner != "threads" and find_spec(f"prefect_{runtime.runner}") is None:
        what = f"{runtime.runner} needs prefect-{runtime.runner}, which is not installed"
        remedy = f"Run `pip install 'siu[{runtime.runner}]'`, or set it to threads"
        raise InputError("E-RUN-008", what, remedy, "params.yaml: runtime.runner")


def task_runner(runtime: RuntimeParams) -> "TaskRunner[Any]":
    """Return the task runner of a batch.

    Threads wait for the worker processes (`tasks.runtime.workers`), so there are as many of them. A cluster's
    processes work themselves; as many are started on this machine.

    Raises:
        InputError: See `check_runner`.
    """
    check_runner(runtime)
    if runtime.runner == "dask":
        from prefect_dask import DaskTaskRunner

        logging.getLogger("distributed").setLevel(logging.ERROR)  # its import has set another level
        cluster = {"n_workers": runtime.workers, "threads_per_worker": 1, "dashboard_address": None}
        on_dask: TaskRunner[Any] = DaskTaskRunner(cluster_kwargs=cluster)
        return on_dask
    if runtime.runner == "ray":
        from prefect_ray import RayTaskRunner

        settings = {"num_cpus": runtime.workers, "include_dashboard": False}
        on_ray: TaskRunner[Any] = RayTaskRunner(init_kwargs=settings)
        return on_ray
    from prefect.task_runners import ThreadPoolTaskRunner

    return ThreadPoolTaskRunner(max_workers=runtime.workers)
