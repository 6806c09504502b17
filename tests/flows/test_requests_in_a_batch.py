"""A batch with all kinds of requests: the sound ones are served, each other one has its reason."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from flows.batch_result import BatchResult
from flows.cli import batch as commands
from flows.cli.exit_codes import INCOMPLETE
from flows.cli.status import states
from siu.storage.workspace import Workspace
from tasks import chain
from tasks.deadline import Deadline
from tasks.job import Job
from tasks.requests import add_request, withdraw
from tasks.runtime.workers import OnProgress
from tasks.subjects import Release
from tests.flows.batches import change, events, outputs, run


def picture(workspace: Workspace, shade: int) -> Path:
    path = workspace.root / f"{shade}.png"
    image = Image.new("RGB", (16, 16), (shade, 90, 160))
    image.putpixel((0, 0), (255, 255, 255))
    image.save(path)
    return path


def add(workspace: Workspace, name: str, shade: int, **cells: str) -> str:
    return add_request(workspace, {"name": name, "kind": "person", **cells}, picture(workspace, shade))


def statuses(workspace: Workspace) -> dict[str, str]:
    return {state["request_id"]: state["status"] for state in states(workspace)}


def test_the_rest_is_served_and_each_other_request_has_its_reason(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (standing.root / "requests.csv").read_text().splitlines()
    (standing.root / "requests/poisoned.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    rows += [
        "bad-1,Olin Brask,person,requests/poisoned.png",
        rows[2],
        "bad-2,Nobody Known,person,requests/2.png",
        "late,Suna Keld,person,requests/3.png",
    ]
    for number in (2, 3):
        shutil.copy(picture(standing, number), standing.root / f"requests/{number}.png")
    (standing.root / "requests.csv").write_text("\n".join(rows) + "\n")
    added = add(standing, "Olin Brask", 7)
    withdraw(standing, "late", "by mistake")

    monkeypatch.setattr(commands, "run", lambda workspace, *_: run(workspace))
    assert commands.run_and_show(standing, None, "report", as_json=False) == INCOMPLETE
    told = " ".join(capsys.readouterr().out.split())
    assert "bad-1: quarantined: E-IMG" in told
    assert "bad-2: quarantined: E-REQ-012" in told
    assert "late was withdrawn and is left out" in told
    assert "the row repeats another one and counts once" in told
    assert statuses(standing) == {
        "late": "withdrawn",
        added: "partial",
        "r-0": "partial",
        "r-1": "partial",
        "bad-1": "quarantined",
        "bad-2": "quarantined",
    }
    for request_id in (added, "r-0", "r-1"):
        assert events(standing, request_id)[-1] == "released"


def test_a_request_that_is_withdrawn_while_it_is_worked_on_stops_at_its_next_step(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlearn = chain.UNLEARN.work

    def withdraw_meanwhile(job: Job, subject: str, folder: Path, on_progress: OnProgress) -> None:
        if subject == "r-0":
            withdraw(standing, "r-0", "by mistake")
        unlearn(job, subject, folder, on_progress)

    monkeypatch.setattr(chain, "UNLEARN", replace(chain.UNLEARN, work=withdraw_meanwhile))
    result = run(standing)
    assert [outcome.codes for outcome in result.outcomes] == [("E-REQ-027",), ()]
    assert result.summary()["release"]["requests"] == ["r-1"]
    assert statuses(standing)["r-0"] == "withdrawn"
    assert "unlearned" not in events(standing, "r-0")
    assert len(outputs(standing, "unlearn")) == 1, "nothing is left of the training that was stopped"
    assert run(standing).summary()["release"]["requests"] == ["r-1"]
    assert statuses(standing)["r-0"] == "withdrawn"


def test_a_release_is_trained_again_without_a_request_that_is_withdrawn_meanwhile(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = chain.RELEASE.work
    trained: list[tuple[str, ...]] = []

    def withdraw_meanwhile(job: Job, subject: Release, folder: Path, on_progress: OnProgress) -> None:
        trained.append(subject.request_ids)
        if subject.request_ids == ("r-0", "r-1"):
            withdraw(standing, "r-0", "by mistake")
        train(job, subject, folder, on_progress)

    monkeypatch.setattr(chain, "RELEASE", replace(chain.RELEASE, work=withdraw_meanwhile))
    result = run(standing)
    assert trained == [("r-0", "r-1"), ("r-1",)]
    assert result.release is not None
    assert tuple(result.release.verdicts) == ("r-1",)
    assert result.outcomes[0].codes == ("E-REQ-027",)


def test_a_release_with_a_request_that_is_withdrawn_while_it_is_measured_is_not_deployed(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = chain.REPLAY.work

    def withdraw_meanwhile(job: Job, subject: Release, folder: Path, on_progress: OnProgress) -> None:
        withdraw(standing, "r-0", "by mistake")
        ask(job, subject, folder, on_progress)

    with monkeypatch.context() as patch:
        patch.setattr(chain, "REPLAY", replace(chain.REPLAY, work=withdraw_meanwhile))
        result = run(standing)
    assert [failure.code for failure in result.failures] == ["E-REQ-027"]
    assert not (standing.models / "latest.json").exists()
    again = run(standing)
    assert again.release is not None
    assert tuple(again.release.verdicts) == ("r-1",)


def test_what_is_not_begun_when_the_deadline_passes_waits_for_the_next_batch(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        past = Deadline(datetime.now(UTC), ("r-1",))
        patch.setattr("flows.batch.deadline_of", lambda *_: past)
        first = run(standing)
    assert [outcome.request_id for outcome in first.outcomes] == ["r-0"]
    assert "1 requests wait for the next batch (batch.deadline: None)" in first.notes
    assert first.is_whole
    assert statuses(standing) == {"r-0": "partial", "r-1": "planned"}
    (waiting,) = (state for state in states(standing) if state["request_id"] == "r-1")
    assert waiting["code"] == "E-SCH-006"
    second = run(standing)
    assert second.summary()["release"]["requests"] == ["r-0", "r-1"]


def test_a_batch_takes_what_fits_and_the_next_one_goes_on(standing: Workspace) -> None:
    change(standing, "batch", max_requests=1)

    def served(result: BatchResult) -> list[str]:
        return [outcome.request_id for outcome in result.outcomes]

    first = run(standing)
    assert served(first) == ["r-0"]
    assert "1 requests wait for the next batch (batch.max_requests: 1)" in first.notes
    assert statuses(standing) == {"r-0": "partial", "r-1": "received"}
    second = run(standing)
    assert served(second) == ["r-0", "r-1"], "what was served stays in the release"
    assert second.outcomes[0].skipped
    assert second.summary()["release"]["requests"] == ["r-0", "r-1"]


def test_requests_alone_need_no_table_and_overdue_ones_are_noted(standing: Workspace) -> None:
    (standing.root / "requests.csv").unlink()
    added = add(standing, "Olin Brask", 7, received="2020-01-31")
    in_time = add(standing, "Suna Keld", 8)
    result = run(standing, until="construct")
    assert [outcome.request_id for outcome in result.outcomes] == [added, in_time]
    assert f"overdue when the batch began: {added}" in result.notes
