"""Clusters that are there already: named in params.yaml, checked before anything starts, and worked on."""

import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from flows.orchestration.clusters import check_cluster
from flows.orchestration.schedulers import PrefectTasks
from flows.orchestration.server import prefect_server
from flows.plan import prepared_job
from flows.terminal.quiet import quiet
from siu.config.params import RuntimeParams
from siu.errors import InputError, PreflightError, StateError
from siu.storage.workspace import Workspace
from tasks import chain
from tasks.handle import Batch, Handle
from tasks.runtime import place
from tasks.runtime.workers import Inline
from tests.flows.batches import change, run
from tests.flows.fault_runs import adapters
from tests.flows.orchestration.clusters import dask_cluster, free_port, ray_cluster

CLUSTERS = ("dask", "ray", "ray through its client")
TOKEN = secrets.token_hex(32)
"""Of every Ray cluster here: a process reads it once."""


@pytest.mark.parametrize(
    ("runtime", "problem"),
    [
        (
            {"cluster": "tcp://head:8786"},
            r"is tcp://head:8786, but runtime\.runner is threads\. Set runtime\.runner to dask",
        ),
        (
            {"runner": "dask", "cluster": "ray://head:10001"},
            r"ray://head:10001 is no address of a dask cluster\. Write tcp://host:8786",
        ),
        (
            {"runner": "ray", "cluster": "tcp://head:8786"},
            r"tcp://head:8786 is no address of a ray cluster\. Write ray://host:10001",
        ),
        ({"runner": "ray", "cluster": "ray://anna:password@head:1"}, "is no address of a ray cluster"),
        ({"runner": "ray", "cluster": ""}, "is no address of a ray cluster"),
        ({"gpus_per_task": 1.0}, r"gpus_per_task is 1, but nobody shares out GPUs\. Set runtime\.runner to"),
        ({"runner": "dask", "gpus_per_task": 0.5}, r"gpus_per_task is 0\.5, but nobody shares out GPUs"),
    ],
)
def test_a_cluster_that_does_not_fit_the_runner_is_refused_with_what_does(
    standing: Workspace, runtime: dict[str, Any], problem: str
) -> None:
    change(standing, "runtime", **runtime)
    with pytest.raises(PreflightError, match=rf"^E-PAR-007 .*params\.yaml: runtime: .*{problem}"):
        standing.params()


@pytest.mark.parametrize(
    ("runner", "address"),
    [
        ("dask", "tcp://[::1]:8786"),
        ("dask", "tls://10.0.0.1:8786"),
        ("ray", "head.example.org:6379"),
        ("ray", "auto"),
    ],
)
def test_addresses_of_a_cluster_are_taken_as_its_makers_write_them(runner: Any, address: str) -> None:
    assert RuntimeParams(runner=runner, cluster=address, gpus_per_task=0.5).cluster == address


def test_a_cluster_where_nothing_listens_stops_a_batch_before_it_begins(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.orchestration.runners.find_spec", lambda name: name)
    change(standing, "runtime", runner="dask", cluster=f"tcp://127.0.0.1:{free_port()}")
    with pytest.raises(PreflightError, match=r"^E-RUN-010 params\.yaml: runtime\.cluster: no dask cluster"):
        run(standing)
    assert not standing.ledger.exists()


def test_a_cluster_elsewhere_wants_an_api_of_prefect_that_it_can_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = RuntimeParams(runner="ray", cluster="ray://head.invalid:10001")
    for api in ("", "http://127.0.0.1:4200/api"):
        monkeypatch.setenv("PREFECT_API_URL", api)
        with pytest.raises(
            InputError, match=r"E-RUN-013 .*runtime\.cluster: .*Set PREFECT_API_URL to a server"
        ):
            check_cluster(runtime)
    monkeypatch.setenv("PREFECT_API_URL", "http://prefect.example.org:4200/api")
    with pytest.raises(InputError, match="E-RUN-010"):
        check_cluster(runtime)


def test_a_process_of_other_code_does_nothing_for_a_batch(standing: Workspace) -> None:
    job = prepared_job(standing, standing.params(), ())
    older = replace(job, code={**job.code, "tasks.unlearn": "0" * 64})
    with (
        place.placed(older, Inline(), place.Unwatched()) as batch,
        pytest.raises(StateError, match=r"E-RUN-012 .*runs other code of siu"),
    ):
        place._elsewhere(batch)


def test_the_tasks_that_use_the_model_are_those_that_a_gpu_is_kept_for() -> None:
    tasks = {task.name for task in vars(chain).values() if hasattr(task, "task_run_name")}
    assert tasks - chain.WITH_MODEL == {"construct", "assess", "deploy", "report", "record", "version"}


@pytest.mark.slow
@pytest.mark.skipif(find_spec("prefect_ray") is None, reason="make extra EXTRA=ray")
def test_gpus_that_this_machine_has_not_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(
        InputError, match=r"E-RUN-011 .*gpus_per_task: .*no process on this machine has over 0"
    ):
        check_cluster(RuntimeParams(runner="ray", gpus_per_task=0.5))


@pytest.fixture(params=CLUSTERS)
def cluster(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """A running cluster of two processes, as ``runtime`` names it; one process of Dask's has no GPU."""
    runner = request.param.split()[0]
    if find_spec(f"prefect_{runner}") is None:
        pytest.skip(f"prefect-{runner} is not installed: make extra EXTRA={runner}")
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", TOKEN)
    with ExitStack() as running:
        if runner == "dask":
            address = running.enter_context(dask_cluster(tmp_path, gpus=(0, 1)))
        else:
            own, for_clients = running.enter_context(ray_cluster(gpus=1))
            address = own if request.param == "ray" else for_clients
        yield {"runner": runner, "cluster": address}


def batch_of(root: Path, **runtime: object) -> dict[str, bytes]:
    """The adapters that `siu batch` leaves in a workspace."""
    change(Workspace(root), "runtime", **runtime)
    siu = Path(sys.executable).with_name("siu")
    done = subprocess.run([siu, "batch"], cwd=root, capture_output=True, text=True, check=False)
    assert "failed for all" not in done.stdout, done.stdout + done.stderr
    return adapters(root)


@pytest.fixture(scope="module")
def by_threads(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return batch_of(shutil.copytree(template, tmp_path_factory.mktemp("threads") / "workspace"))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_cluster_that_is_there_leaves_the_bytes_and_plans_that_threads_leave(
    cluster: dict[str, Any], by_threads: dict[str, bytes], template: Path, tmp_path: Path
) -> None:
    share = 0.5 if cluster["runner"] == "dask" else 0.0  # Ray begins a process for each task with a GPU
    root = shutil.copytree(template, tmp_path / "workspace")
    assert batch_of(root, **cluster, gpus_per_task=share) == by_threads
    assert len(by_threads) == 4


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_cluster_keeps_gpus_for_the_model_and_says_when_it_sees_no_workspace(
    cluster: dict[str, Any], standing: Workspace
) -> None:
    from prefect import flow

    def gpus_of_dask() -> Handle:
        from distributed import get_worker

        return Handle("", "r-0", note=f"{get_worker().state.total_resources['GPU']:g}")

    def gpus_of_ray() -> Handle:
        import ray

        return Handle("", "r-0", note=str(len(ray.get_runtime_context().get_accelerator_ids()["GPU"])))

    gpus = gpus_of_dask if cluster["runner"] == "dask" else gpus_of_ray

    def named(name: str) -> Any:
        return chain.stage_task(gpus).with_options(name=name)

    runtime = RuntimeParams(**cluster, gpus_per_task=1)
    away = Batch(str(standing.root / "not-mounted"), "plan")

    @flow(persist_result=False)
    def placed() -> tuple[set[str], str | None]:
        with PrefectTasks().pool(runtime) as pool:
            first = pool.submit(named("before"), "r-0", after=[])
            others = [pool.submit(named("attack"), "r-0", after=[first]) for _ in range(4)]
            blind = pool.submit(chain.construct, "r-0", away, "r-0", after=[]).result()
            return {pending.result().note for pending in (first, *others)}, blind.error and blind.error.code

    quiet(standing.prefect_home)
    check_cluster(runtime)
    with prefect_server():
        assert placed() == ({"1"}, "E-RUN-009")
    with pytest.raises(InputError, match=r"E-RUN-011 .*runtime\.cluster: .*no process|E-RUN-011 .*over 1"):
        check_cluster(runtime.model_copy(update={"gpus_per_task": 2.0}))
