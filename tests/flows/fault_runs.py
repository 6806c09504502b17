"""Batches in processes of their own that fail at a fault point, and what has to hold after the next one.

A server process that has loaded everything is forked for each batch, so that a killed one costs seconds.
"""

import multiprocessing
import os
import signal
import sqlite3
import sys
import traceback
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path

from flows.cli.exit_codes import INCOMPLETE, INTERRUPTED
from siu.storage.workspace import Workspace

JOIN_SECONDS = 900
LOADED = [
    "tests.flows.batches",
    "mlflow.tracking",
    "mlflow.store.tracking.sqlalchemy_store",
    "dvc.repo",
    "torch",
]
FAILED = 1


def forks() -> ForkServerContext:
    """Return what starts batches; a process of it has the environment that the first one had."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    return context


def run_batch_with(context: ForkServerContext, root: Path, fault: str = "") -> int:
    """Run a batch with a fault armed; return how its process ended: an exit code, or minus a signal."""
    process = context.Process(target=_batch, args=(str(root), fault))
    process.start()
    process.join(JOIN_SECONDS)
    if process.is_alive():
        process.kill()
        raise AssertionError(f"the batch with {fault} doesn't end")
    assert process.exitcode is not None
    return process.exitcode


def _batch(root: str, fault: str) -> None:
    from siu.storage.fault_points import arm
    from tests.flows.batches import run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    log = os.open(Path(root, "stderr.txt"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, sys.stderr.fileno())
    arm(fault)
    code = FAILED
    try:
        result = run(Workspace(Path(root)))
        reasons = [outcome.reasons for outcome in result.outcomes]
        sys.stderr.write(f"{fault}: {reasons}, {result.failures}, {result.notes}\n")
        code = 0 if result.is_whole else INCOMPLETE
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception:  # noqa: BLE001  # whatever the fault makes of it; the next batch is what counts
        traceback.print_exc()
    finally:
        os._exit(code)  # nothing is tidied up behind a fault


def adapters(root: Path) -> dict[str, bytes]:
    """Return the bytes of every adapter by stage and plan, and of the deployed one."""
    found = [
        *root.glob("artifacts/*/*/adapter/adapter_model.safetensors"),
        *root.glob("state/models/*/*.safetensors"),
    ]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def torn(root: Path) -> list[str]:
    """Return what a process has left half made , visible or in the way."""
    left = [path for path in root.rglob(".*.new*") if ".git/" not in str(path)]
    left += root.glob("artifacts/.staging/*")
    visible: list[Path] = [
        *root.glob("reports/*/*"),
        *root.glob("metrics/*.json"),
        *root.glob("plots/*.csv"),
        *root.glob("requests/*"),
    ]
    left += [
        path for path in visible if path.is_file() and path.stat().st_size == 0 and path.name != ".gitignore"
    ]
    return sorted(path.relative_to(root).as_posix() for path in left)


def running(root: Path) -> list[str]:
    """Return the runs that MLflow takes for running."""
    with closing(sqlite3.connect(root / "mlflow.db")) as database:
        rows = database.execute(
            "SELECT name FROM runs WHERE status = 'RUNNING' AND lifecycle_stage = 'active'"
        )
        return [str(row[0]) for row in rows]
