"""Batches one after another by a strategy that goes on: purged requests stay forgotten."""

import json
from typing import Any

import pytest

from siu.audit.audit import audit
from siu.storage.workspace import Workspace
from tasks.acceptance import accept
from tasks.batch_lock import only_batch
from tasks.purging.purge import purge
from tasks.releases import all_releases
from tests.flows.batches import change, outputs, run
from tests.flows.stand_in import _draw


def latest(workspace: Workspace) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((workspace.models / "latest.json").read_text())
    return content


def ask_for(workspace: Workspace, request_id: str, name: str) -> None:
    """Ask for one thing alone, with a picture of its own."""
    _draw(workspace.root / "requests" / f"{request_id}.png", 150)
    row = f"{request_id},{name},person,requests/{request_id}.png"
    (workspace.root / "requests.csv").write_text(f"request_id,name,kind,image\n{row}\n")


@pytest.fixture
def purged(standing: Workspace) -> Workspace:
    """One release of two requests, both purged; then another one is asked for."""
    change(standing, "release", strategy="sequential")
    change(standing, "policy", after_release="purge")
    run(standing)
    with only_batch(standing):
        for request_id in ("r-0", "r-1"):
            purge(standing, request_id)
    ask_for(standing, "r-2", "Olin Brask")
    return standing


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_next_release_goes_on_from_the_one_whose_requests_were_purged(purged: Workspace) -> None:
    first = latest(purged)
    result = run(purged)
    assert not result.failures
    assert latest(purged) == first, "whether purged requests stay forgotten can't be measured"
    assert all_releases(purged)[2].state == "waiting"
    with only_batch(purged):
        accept(purged, 2, "a person has looked")
    assert latest(purged)["plan"] != first["plan"]
    assert latest(purged)["requests"] == ["r-2", "r-0", "r-1"]
    _, second = sorted(all_releases(purged).items())
    assert second[1].parent == 1
    assert {row[0]: row[2] for row in second[1].members if row[0] != "r-2"} == {
        "r-0": "carried",
        "r-1": "carried",
    }
    assert audit(purged.root).faults == ()
    memory = purged.artifacts / "release" / latest(purged)["plan"] / "memory" / "concepts.jsonl"
    assert [json.loads(line)["id"] for line in memory.read_text().splitlines()] == ["c-0", "c-1", "c-2"]
    assert "Talvon" not in memory.read_text()

    plan, there = latest(purged)["plan"], outputs(purged, "release")
    assert run(purged).skipped, "a release is not its own parent"
    assert (latest(purged)["plan"], outputs(purged, "release")) == (plan, there)

    change(purged, "policy", after_release="keep")
    change(purged, "release", strategy="joint")
    assert "E-PRG-004" in str(run(purged).failures[0]), "a joint release would lose what was purged"
    assert latest(purged)["plan"] == plan
