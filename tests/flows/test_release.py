"""What is released, what the ledger says of it, and what a release that fails leaves."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from siu.audit.audit import audit
from siu.audit.ledger import Ledger
from siu.errors import ModelError, StateError
from siu.mmubench import load_records, save_records
from siu.storage.workspace import Workspace
from tasks import chain, release
from tasks.answers import RECORDS
from tasks.job import Job
from tasks.runtime.workers import OnProgress
from tasks.subjects import ReleasePart
from tasks.unlearn import ADAPTER, RESULT
from tests.flows.batches import change, events, run
from tests.flows.stand_in import write_requests
from tests.tasks.audit.manipulations import with_manifest


def releases(workspace: Workspace, request_id: str) -> list[dict[str, Any]]:
    entries = Ledger(workspace.ledger).entries()
    return [entry.data for entry in entries if (entry.event, entry.request_id) == ("released", request_id)]


def latest(workspace: Workspace) -> str:
    return str(json.loads((workspace.models / "latest.json").read_text())["plan"])


def test_a_release_of_one_request_is_its_own_adapter_which_training_would_give_again(
    standing: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_requests(standing.root, ("Mira Talvon",))
    twin = Workspace(Path(shutil.copytree(standing.root, tmp_path / "twin")))
    copied = run(standing)
    assert copied.released is not None
    monkeypatch.setattr(release, "own_adapter", lambda job, subject: None)
    trained = run(twin)
    assert trained.released is not None
    own, reused, again = (
        output.folder / ADAPTER / "adapter_model.safetensors"
        for output in (copied.outcomes[0].outputs["unlearn"], copied.released.output, trained.released.output)
    )
    assert own.read_bytes() == reused.read_bytes() == again.read_bytes()
    training = [json.loads((path.parents[1] / RESULT).read_text()) for path in (reused, again)]
    assert training[0] == training[1]
    assert audit(standing.root).faults == ()


def test_a_changed_adapter_is_no_release(standing: Workspace) -> None:
    write_requests(standing.root, ("Mira Talvon",))
    run(standing, until="unlearn")
    (adapter,) = standing.artifacts.glob("unlearn/*/adapter/adapter_model.safetensors")
    adapter.write_bytes(adapter.read_bytes()[:-1] + b"!")
    with pytest.raises(StateError, match="E-STO-003"):
        run(standing)
    assert not (standing.models / "latest.json").exists()


@pytest.fixture(params=["RELEASE", "RELEASED"])
def broken(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that can be trained but not measured, or not even trained."""

    def fail(job, subject, folder, on_progress):  # type: ignore[no-untyped-def]
        if request.param == "RELEASED":
            raise ModelError("E-JUD-001", "the judge does not answer", "Start it")
        raise MemoryError("out of memory")

    monkeypatch.setattr(chain, request.param, replace(getattr(chain, request.param), work=fail))


@pytest.mark.usefixtures("broken")
def test_finished_concepts_are_reported_without_a_release(standing: Workspace) -> None:
    result = run(standing)
    (failure,) = result.failures
    assert failure.code in ("E-JUD-001", "E-RUN-003")
    assert not result.is_whole
    assert not result.quarantined
    assert [one["verdict"] for one in result.summary()["concepts"]] == ["partial", "partial"]
    assert result.summary()["release"] is None
    assert events(standing, "r-0")[-1] == "verdict"
    assert not (standing.models / "latest.json").exists()
    again = run(standing)
    assert not again.skipped, "the release is tried anew"


def test_a_release_that_was_not_written_down_is_made_up_for(standing: Workspace) -> None:
    run(standing)
    said = releases(standing, "r-0")
    lines = standing.ledger.read_bytes().splitlines(keepends=True)
    standing.ledger.write_bytes(b"".join(lines[:-4]))  # the seal and its key stand behind them
    run(standing)
    assert releases(standing, "r-0") == releases(standing, "r-1") == said
    run(standing)
    assert releases(standing, "r-0") == said, "once"


def test_going_back_to_an_earlier_release_is_written_down(standing: Workspace) -> None:
    run(standing)
    first = latest(standing)
    change(standing, "release", steps_per_concept=3)
    run(standing)
    second = latest(standing)
    change(standing, "release", steps_per_concept=1)
    run(standing)
    assert latest(standing) == first
    for request_id in ("r-0", "r-1"):
        assert [said["plan"] for said in releases(standing, request_id)] == [first, second, first]


def test_other_gates_give_another_verdict_of_the_same_release(standing: Workspace) -> None:
    run(standing)
    change(standing, "gates", yes_no_em=0.0, garbled_pictures=1.0)
    run(standing)
    first, second = releases(standing, "r-0")
    assert first["plan"] == second["plan"]
    assert (first["verdict"], second["verdict"]) == ("partial", "erased")
    assert events(standing, "r-0")[-2:] == ["verdict", "released"]


def test_a_release_with_other_answers_than_were_measured_is_not_deployed(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = chain.RELEASED_ANSWERS.work

    def measured_otherwise(job: Job, subject: ReleasePart, folder: Path, on_progress: OnProgress) -> None:
        measure(job, subject, folder, on_progress)
        records = load_records(folder / RECORDS)
        changed = {key: replace(record, answer=f"{record.answer} or so") for key, record in records.items()}
        save_records(changed, folder / RECORDS)

    otherwise = replace(chain.RELEASED_ANSWERS, work=measured_otherwise)
    monkeypatch.setattr(chain, "RELEASED_ANSWERS", otherwise)
    result = run(standing, until="release")
    (failure,) = result.failures
    assert failure.code == "E-REL-001"
    assert "12 of 12 questions" in str(failure)
    assert not result.is_whole
    assert not standing.models.exists() or not list(standing.models.iterdir())
    assert events(standing, "r-0")[-1] == "verdict", "not released"


def test_bytes_that_were_changed_are_never_deployed(standing: Workspace) -> None:
    run(standing, until="release")
    (weights,) = standing.artifacts.glob("release/*/adapter/adapter_model.safetensors")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    shutil.rmtree(standing.models)
    with pytest.raises(StateError, match=r"E-STO-003.*adapter_model\.safetensors"):
        run(standing, until="release")
    assert not list(standing.models.iterdir())


def test_what_was_changed_with_its_manifest_is_never_used(standing: Workspace) -> None:
    run(standing, until="release")
    deployed = {path: path.read_bytes() for path in standing.models.rglob("*") if path.is_file()}
    for pattern in ("artifacts/release/*/adapter/*.safetensors", "artifacts/evaluate/*/scorecards.json"):
        whole = shutil.copytree(standing.artifacts, standing.root.parent / pattern.split("/")[1])
        with_manifest(standing.root, pattern)
        with pytest.raises(StateError, match=r"E-LED-022.*artifacts/(evaluate|release)/"):
            run(standing, until="release")
        shutil.copytree(whole, standing.artifacts, dirs_exist_ok=True)  # a release without it may be there
    assert {path: path.read_bytes() for path in deployed} == deployed, "it is still the one that is named"
    assert audit(standing.root).faults == ()


def test_a_deployed_copy_that_was_changed_stops_the_batch(standing: Workspace) -> None:
    run(standing, until="release")
    (config,) = standing.models.glob("*/adapter_config.json")
    config.write_text(config.read_text() + " ")
    with pytest.raises(StateError, match=r"E-REL-003.*adapter_config\.json"):
        run(standing, until="release")
