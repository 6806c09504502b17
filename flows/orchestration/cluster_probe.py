"""What a cluster has, told by a process of its own: ``python -m flows.orchestration.cluster_probe``.

Ray tries for minutes and writes about it where something else listens, and a process has one Ray: so whoever
asks starts this, waits as long as it likes, and has its own Ray still to begin.
"""

import json
import os
import sys

GPU = "GPU"
"""What Dask's workers call their GPUs by (``dask worker … --resources GPU=1``), and Ray its own."""


def gpus_of_dask(address: str) -> list[float]:
    """Return how many GPUs each worker of a scheduler has."""
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        workers = client.scheduler_info(n_workers=-1)["workers"].values()
        return [float(worker["resources"].get(GPU, 0)) for worker in workers]


def gpus_of_ray(address: str) -> list[float]:
    """Return how many GPUs each node of a cluster has."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # as in `runners`
    import ray

    with ray.init(address, log_to_driver=False):
        return [float(node["Resources"].get(GPU, 0)) for node in ray.nodes() if node["Alive"]]


if __name__ == "__main__":
    runner, address = sys.argv[1:]
    try:
        gpus = gpus_of_dask(address) if runner == "dask" else gpus_of_ray(address)
    except Exception as error:  # noqa: BLE001  # of whatever library reaches that kind of cluster
        sys.exit(f"{type(error).__name__}: {error}")
    sys.stdout.write(f"{json.dumps(gpus)}\n")
