"""A batch that failed anywhere is made up for by starting it again: the same bytes, nothing half made.

Each case runs a real batch of one request with DVC and MLflow in a process of its own, lets it fail at a
fault point, and runs it again.
"""

import shutil
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from flows.cli.init import lay_out, put_under_version_control
from flows.cli.status import verify
from siu.audit.audit import audit
from siu.storage.fault_points import KINDS, POINTS
from siu.storage.workspace import Workspace
from tests.flows.batches import change
from tests.flows.fault_runs import adapters, forks, run_batch_with, running, torn
from tests.flows.stand_in import write_requests

pytestmark = pytest.mark.timeout(1200)

FAST = (
    ("publish.renamed", "sigkill"),
    ("metrics.written", "enospc"),
)
OF_REQUESTS = ("requests.pictures", "requests.records")
"""Not on the way of a batch: tests/tasks/test_requests.py."""
CASES = [(point, kind) for point in POINTS if point not in OF_REQUESTS for kind in KINDS if kind != "memory"]


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    return forks()


@pytest.fixture(scope="module")
def versioned(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of one request under git and DVC."""
    root = tmp_path_factory.mktemp("versioned") / "workspace"
    shutil.copytree(template, root)
    write_requests(root, ("Mira Talvon",))
    change(Workspace(root), "attacks", profile="none")
    lay_out(root)
    put_under_version_control(root)
    return root


@pytest.fixture(scope="module")
def undisturbed(
    versioned: Path, context: ForkServerContext, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("undisturbed") / "workspace"
    shutil.copytree(versioned, root)
    assert run_batch_with(context, root) == 0, (root / "stderr.txt").read_text()
    return adapters(root)


@pytest.mark.parametrize(
    ("point", "kind"),
    [
        pytest.param(*case, marks=() if case in FAST else pytest.mark.slow, id="-".join(case))
        for case in CASES
    ],
)
def test_the_same_command_makes_up_for_a_fault(
    point: str,
    kind: str,
    versioned: Path,
    undisturbed: dict[str, bytes],
    context: ForkServerContext,
    tmp_path: Path,
) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(versioned, root)
    if point == "mlflow.tables":
        (root / "mlflow.db").unlink()
    struck = tmp_path / "struck"
    run_batch_with(context, root, f"{point}:{kind}:{struck}")
    assert struck.exists(), "the batch passes by this point"
    assert run_batch_with(context, root) == 0, (root / "stderr.txt").read_text()
    assert adapters(root) == undisturbed
    assert torn(root) == []
    assert running(root) == []
    assert audit(root).faults == ()
    assert "as they were written" in verify(Workspace(root)).lines[-1]
