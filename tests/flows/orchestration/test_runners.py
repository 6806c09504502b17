"""Where the tasks of a batch run changes no byte of what they leave."""

import hashlib
import os
import pickle
import shutil
import subprocess
import sys
import threading
import traceback
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

from flows.batch import run_batch
from flows.cli.batch import run_and_show
from flows.orchestration.runners import check_runner, task_runner
from flows.orchestration.schedulers import PrefectTasks
from flows.terminal.quiet import quiet
from siu.config.params import RuntimeParams
from siu.errors import ConceptError, InputError
from siu.storage.workspace import Workspace
from tasks import chain
from tasks.handle import Batch, Handle
from tasks.runtime import place
from tasks.runtime.workers import Inline
from tasks.settle import worker_died
from tasks.stages import CONCEPT_STAGES, RELEASE_STAGES
from tasks.subjects import RETAINED, Release, ReleasePart
from tests.flows.batches import change, run

FRAMES = 12
"""Of the project between `siu batch` and the training, both ends left out; a worker's pipe has three more."""
ROOT = Path(__file__).parents[3]


def adapters(workspace: Workspace) -> dict[str, str]:
    """The digest of each adapter by its stage and plan."""
    return {
        path.relative_to(workspace.artifacts).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in workspace.artifacts.glob("*/*/adapter/adapter_model.safetensors")
    }


def test_threads_are_as_many_as_worker_processes_so_that_waiting_is_no_work() -> None:
    runner: Any = task_runner(RuntimeParams(workers=3))
    assert runner._max_workers == 3


def test_a_runner_that_is_not_installed_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, standing: Workspace
) -> None:
    monkeypatch.setattr("flows.orchestration.runners.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"E-RUN-008 .*runtime\.runner: ray needs .*'siu\[ray\]'"):
        check_runner(RuntimeParams(runner="ray"))
    change(standing, "runtime", runner="dask")
    with pytest.raises(ValueError, match="E-RUN-008"):
        run(standing)
    assert not standing.ledger.exists()


@pytest.mark.parametrize("stage", [*CONCEPT_STAGES, *RELEASE_STAGES], ids=lambda stage: stage.name)
def test_a_task_travels_to_another_process(stage: Any) -> None:
    task = getattr(chain, stage.name.replace("-", "_"))
    assert pickle.loads(cloudpickle.dumps(task)).name == task.name


def test_a_handle_travels_with_its_error_and_shows_none_of_it() -> None:
    subject = ReleasePart(Release(("r-0", "r-1")), RETAINED)
    handle = Handle("released", subject, error=ConceptError("E-UNL-001", "of Mira Talvon", "Wait"))
    copy = pickle.loads(pickle.dumps(handle))
    assert copy.subject == subject
    assert str(copy.error) == str(handle.error)
    assert "Mira" not in repr(handle)
    assert str(subject) == "r-0+r-1/retained"


def test_only_a_worker_that_died_is_worth_another_try() -> None:
    from prefect.states import Failed

    died = ConceptError("E-RUN-001", "the worker process died", "Run again")
    assert worker_died(None, None, Failed(data=died))
    assert not worker_died(None, None, Failed(data=ConceptError("E-UNL-001", "no", "no")))


def test_a_process_without_the_batch_reads_its_plan_from_the_workspace(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[place.Place, int, bool]] = []
    settle = chain.settle

    def elsewhere(stage: Any, batch: Batch, subject: Any, *before: Any) -> Handle:
        file = Path(batch.workspace) / "state" / "plans" / f"{batch.plan}.json"
        seen.append((place._elsewhere(batch), file.stat().st_mode & 0o777, "Mira" in repr(batch)))
        return settle(stage, batch, subject, *before)

    monkeypatch.setattr(chain, "settle", elsewhere)
    result = run(standing, until="construct")
    read, mode, shows_name = seen[0]
    digest = result.outcomes[0].outputs["construct"].digest
    assert chain.CONSTRUCT.digest(read.job, "r-0") == digest
    assert mode == 0o600
    assert not shows_name
    assert not list((standing.state / "plans").iterdir()), "it holds names, so it goes with the batch"


def project_frames(stack: traceback.StackSummary) -> list[str]:
    """The project's own functions of a stack, the outermost first."""
    packages = tuple(f"{ROOT / name}{os.sep}" for name in ("siu", "tasks", "flows"))
    frames = [frame for frame in stack if frame.filename.startswith(packages)]
    return [f"{Path(frame.filename).relative_to(ROOT)}:{frame.name}" for frame in frames]


def test_few_frames_lie_between_the_command_and_the_training(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from siu import unlearning

    stacks: list[list[str]] = []
    above: list[str] = []
    train = unlearning.unlearn

    def watched(*args: Any, **kwargs: Any) -> Any:
        stacks.append(project_frames(traceback.extract_stack()))
        waiting = sys._current_frames()[threading.main_thread().ident or 0]
        command = project_frames(traceback.extract_stack(waiting))
        above[:] = command[: command.index("flows/batch.py:run_batch") + 1]
        return train(*args, **kwargs)

    monkeypatch.setattr(unlearning, "unlearn", watched)
    monkeypatch.setattr("flows.cli.batch.run_batch", partial(run_batch, runner=Inline()))
    change(standing, "runtime", workers=1)  # threads of one process share a model
    run_and_show(standing, None, "unlearn", as_json=False)
    assert len(stacks) == 2
    assert above[0] == "flows/cli/batch.py:run_and_show"
    with_prefect = [*above, "flows/orchestration/served.py:batch"]  # a batch to the end runs as a flow
    assert max(len(with_prefect) + len(stack) for stack in stacks) <= FRAMES, (with_prefect, stacks[0])


def test_prefect_is_imported_when_its_settings_are_known() -> None:
    code = "import sys, flows.cli.batch; print('prefect' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


@pytest.mark.slow
def test_a_job_whose_worker_died_has_one_more_try_and_what_follows_is_left_out(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect import flow

    from flows.orchestration.server import prefect_server

    tries: list[Batch] = []

    def die(batch: Batch) -> place.Place:
        tries.append(batch)
        raise ConceptError("E-RUN-001", "the worker process died", "Run again")

    @flow(persist_result=False)
    def two_stages() -> tuple[str, str]:
        batch = Batch(str(standing.root), "plan")
        with PrefectTasks().pool(RuntimeParams()) as pool:
            data = pool.submit(chain.construct, "r-0", batch, "r-0", after=[])
            known = pool.submit(chain.before, "r-0", batch, "r-0", data, after=[])
            return data.result().state, known.result().state

    quiet(standing.prefect_home)
    monkeypatch.setattr("tasks.settle.place_of", die)
    with prefect_server():
        assert two_stages() == ("Quarantined", "Quarantined")
    assert len(tries) == 2


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("runner", ["dask", "ray"])
def test_a_cluster_of_two_processes_leaves_the_bytes_that_threads_leave(
    template: Path, tmp_path: Path, runner: str
) -> None:
    if find_spec(f"prefect_{runner}") is None:
        pytest.skip(f"prefect-{runner} is not installed")
    left = {}
    for name in ("threads", runner):
        workspace = Workspace(shutil.copytree(template, tmp_path / name))
        change(workspace, "runtime", runner=name, workers=2)
        siu = Path(sys.executable).with_name("siu")
        done = subprocess.run([siu, "batch"], cwd=workspace.root, capture_output=True, text=True, check=False)
        assert "failed for all" not in done.stdout, done.stdout + done.stderr
        left[name] = adapters(workspace)
    assert len(left["threads"]) == 3
    assert left[runner] == left["threads"]
