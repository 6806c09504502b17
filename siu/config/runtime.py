"""What of ``params.yaml`` says where the work runs."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from siu.config.section import Positive, Section, Share

MAX_WORKERS = 256
MAX_THREADS = 1024
_PLACE = r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}"
ADDRESSES = {
    "dask": (re.compile(rf"(tcp|tls)://{_PLACE}"), "tcp://host:8786 of the scheduler"),
    "ray": (re.compile(rf"auto|(ray://)?{_PLACE}"), "ray://host:10001, host:6379 of the head node, or auto"),
}
"""By runner, the addresses of its clusters and how they are told."""


class RuntimeParams(Section):
    """Where the work runs; nothing here changes a result."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """``auto`` takes a GPU where there is one."""
    runner: Literal["threads", "dask", "ray"] = "threads"
    """Prefect's task runner of a batch; ``threads`` wait for worker processes."""
    cluster: str | None = None
    """A cluster that is there already: ``tcp://host:8786`` of Dask; ``ray://host:10001``, ``host:6379`` or
    ``auto`` of Ray. null starts one on this machine (docs/how-to/scale.md)."""
    gpus_per_task: Share = 0
    """GPUs, or what share of one, that a cluster sets aside for each task that uses the model."""
    workers: Annotated[int, Field(ge=1, le=MAX_WORKERS)] = 2
    """Concepts that are worked on at the same time on a CPU; a GPU takes one, and ``cluster`` what it can."""
    threads: Annotated[int, Field(ge=1, le=MAX_THREADS)] = 1
    """Torch threads per worker."""
    concept_minutes: Positive | None = None
    """How long one stage of one request may take; beyond it the request is quarantined. null is no limit."""
    concept_memory: Positive | None = None
    """Gigabytes that a worker may have in memory; beyond it the request is quarantined. null is no limit."""
    check_memory: bool = True
    """Refuse a model that can't fit on the device before it is loaded."""

    @model_validator(mode="after")
    def _names_a_cluster_of_the_runner(self) -> Self:
        if self.cluster is None:
            return self
        if self.runner not in ADDRESSES:
            raise ValueError(
                f"runtime.cluster is {self.cluster}, but runtime.runner is {self.runner}; "
                "set runtime.runner to dask or ray, or runtime.cluster to null"
            )
        address, example = ADDRESSES[self.runner]
        if not address.fullmatch(self.cluster):
            raise ValueError(
                f"runtime.cluster {self.cluster} is no address of a {self.runner} cluster; write {example}"
            )
        return self

    @model_validator(mode="after")
    def _has_somebody_who_shares_out_gpus(self) -> Self:
        if self.gpus_per_task and (self.runner == "threads" or (self.runner, self.cluster) == ("dask", None)):
            raise ValueError(
                f"runtime.gpus_per_task is {self.gpus_per_task:g}, but nobody shares out GPUs; "
                "set runtime.runner to ray, or runtime.cluster to a Dask cluster, or it to 0"
            )
        return self
