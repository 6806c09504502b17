"""Clusters of Dask or Ray that are there already: whether one answers, and has what tasks ask for."""

import json
import os
import re
import socket
import subprocess
import sys
from urllib.parse import urlsplit

from siu.config.params import RuntimeParams
from siu.config.section import LOOPBACK
from siu.errors import InputError

SECONDS_TO_CONNECT = 10.0
SECONDS_TO_ANSWER = 60.0
"""How long a cluster may take to say what it has; Ray's client alone takes up to 30 to find it isn't one."""
REMEDIES = {
    "dask": "Start it, with the versions that are installed here, or set it to null",
    "ray": "Start it, with the versions that are installed here; where it wants a token, set "
    "RAY_AUTH_MODE=token and RAY_AUTH_TOKEN; or set it to null",
}
PLACE = re.compile(r"(?:[a-z]+://)?\[?([^/\]]+)\]?:([0-9]+)")
"""Host and port of an address that has them."""
HERE = "local"
"""Ray's word for a cluster that it starts itself."""
_KEY = "params.yaml: runtime."


def check_cluster(runtime: RuntimeParams) -> None:
    """Refuse a cluster that doesn't answer, and one on which a task would wait for ever.

    Raises:
        InputError: ``E-RUN-010`` nothing that is a cluster of the runner answers at ``runtime.cluster``;
            ``011`` no process there works, or none has ``runtime.gpus_per_task``; ``013`` Prefect's API is on
            this machine alone, and the cluster isn't.
    """
    if runtime.cluster is None and not runtime.gpus_per_task:
        return
    _refuse_what_cannot_reach_prefect(runtime.cluster or HERE)
    where = f"at {runtime.cluster}" if runtime.cluster else "on this machine"
    try:
        gpus = _gpus_of(runtime.runner, runtime.cluster or HERE)
    except (OSError, ValueError) as error:
        what = f"no {runtime.runner} cluster answers {where} ({error})"
        raise InputError("E-RUN-010", what, REMEDIES[runtime.runner], f"{_KEY}cluster") from None
    if not gpus:
        what = f"no process works {where}"
        raise InputError("E-RUN-011", what, "Start workers there", f"{_KEY}cluster")
    if max(gpus) < runtime.gpus_per_task:
        what = f"it is {runtime.gpus_per_task:g}, and no process {where} has over {max(gpus):g}"
        remedy = "Start workers with them (Dask: `--resources GPU=1`; Ray: `--num-gpus 1`), or set it to 0"
        raise InputError("E-RUN-011", what, remedy, f"{_KEY}gpus_per_task")


def _refuse_what_cannot_reach_prefect(address: str) -> None:
    """Refuse a cluster elsewhere whose processes could begin no task, as each asks Prefect's API first."""
    place, api = PLACE.fullmatch(address), urlsplit(os.environ.get("PREFECT_API_URL", "")).hostname
    if place is None or place[1] in LOOPBACK or (api is not None and api not in LOOPBACK):
        return
    what = f"processes at {address} can't reach Prefect's API, which is on loopback of this machine"
    remedy = (
        "Set PREFECT_API_URL to a server that all reach; write 127.0.0.1 if all of them are on this machine"
    )
    raise InputError("E-RUN-013", what, remedy, f"{_KEY}cluster")


def _gpus_of(runner: str, address: str) -> list[float]:
    """Return how many GPUs each process of a cluster has.

    Raises:
        OSError: Nothing listens there.
        ValueError: It is no cluster of this runner.
    """
    if place := PLACE.fullmatch(address):  # the libraries would try for longer
        socket.create_connection((place[1], int(place[2])), SECONDS_TO_CONNECT).close()
    command = (sys.executable, "-m", f"{__package__}.cluster_probe", runner, address)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS_TO_ANSWER)
    except subprocess.TimeoutExpired:
        raise ValueError(f"what listens there said nothing for {SECONDS_TO_ANSWER:g} s") from None
    if done.returncode:
        raise ValueError((done.stderr.strip() or "it ended").splitlines()[-1][:200])
    gpus: list[float] = json.loads(done.stdout.splitlines()[-1])
    return gpus
