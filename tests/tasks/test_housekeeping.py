"""What a workspace no longer needs goes, and nothing else: the next batch finds everything it wants."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.program import main
from siu.audit.audit import audit
from siu.storage.workspace import Workspace
from tasks.batch_lock import only_batch
from tasks.deploy import latest_release
from tasks.housekeeping import collect, leavings
from tests.flows.batches import change, outputs, run
from tests.flows.conftest import standing, template  # noqa: F401  # fixtures

pytestmark = pytest.mark.timeout(1200)
STAGES = ("construct", "before", "unlearn", "evaluate", "attack", "release", "released", "replay")


def all_outputs(workspace: Workspace) -> dict[str, set[str]]:
    return {stage: outputs(workspace, stage) for stage in STAGES}


def gc(workspace: Workspace, *options: str) -> list[str]:
    done = CliRunner().invoke(main, ["gc", "--workspace", str(workspace.root), *options])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def test_what_a_later_plan_has_taken_the_place_of_goes_with_its_release(standing: Workspace) -> None:  # noqa: F811
    run(standing)
    first, former = all_outputs(standing), latest_release(standing)
    assert gc(standing) == ["0 folders with 0.0 MB removed"], "everything is needed"
    change(standing, "unlearning", lr=0.001)
    run(standing)
    second, current = all_outputs(standing), latest_release(standing)
    assert former is not None
    assert current is not None
    assert leavings(standing, keep=2).models == ()
    apart = {output.partition("/")[0] for output in leavings(standing, keep=2).outputs}
    assert apart == {"unlearn", "evaluate", "attack", "finding"}, (
        "the former release needs none of the former trainings"
    )

    shown = gc(standing, "--keep", "1", "--dry-run")
    assert all_outputs(standing) == second, "nothing is changed"
    assert gc(standing, "--keep", "1")[:-1] == shown[:-1]
    assert not former.folder.exists()
    assert current.folder.exists()
    left = all_outputs(standing)
    for stage in STAGES:
        expected = second[stage] - first[stage] if stage not in ("construct", "before") else second[stage]
        assert left[stage] == expected, stage
    assert len(list(standing.reports.glob("*"))) == len(outputs(standing, "report")) == 1
    assert audit(standing.root).faults == ()
    assert run(standing).skipped, "nothing that counts is missing"

    change(standing, "unlearning", lr=0.004)
    assert not run(standing).skipped
    assert all_outputs(standing)["unlearn"] == second["unlearn"], "made again, under the same plan"
    assert audit(standing.root).faults == ()


def test_what_a_killed_run_has_left_goes_the_next_time(standing: Workspace, tmp_path: Path) -> None:  # noqa: F811
    run(standing)
    change(standing, "unlearning", lr=0.001)
    run(standing)
    going = leavings(standing, keep=0)
    stays = going.paths[-1]
    copy = tmp_path / "copy"
    stays.rename(copy)  # as if the process had died before it came to this one
    with only_batch(standing):
        collect(standing, keep=0)
    copy.rename(stays)
    with only_batch(standing):
        assert collect(standing, keep=0).paths == [stays]
    assert audit(standing.root).faults == ()
