"""What requests share, and what the ledger says of each stage."""

from dataclasses import replace

import pytest

from siu.storage.workspace import Workspace
from tasks import chain
from tasks.answers import BEFORE
from tasks.subjects import RETAINED
from tests.flows.batches import change, events, run


def test_without_the_base_models_answers_no_request_is_evaluated(
    standing: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_for_all(job, subject, folder, on_progress):  # type: ignore[no-untyped-def]
        if subject == RETAINED:
            raise MemoryError("out of memory")
        BEFORE.work(job, subject, folder, on_progress)

    monkeypatch.setattr(chain, "BEFORE", replace(BEFORE, work=fail_for_all))
    result = run(standing)
    (failure,) = result.failures
    assert "E-RUN-003 base model: an unexpected MemoryError" in str(failure)
    assert [outcome.error for outcome in result.quarantined] == [failure, failure]
    assert not list(standing.artifacts.glob("evaluate/*"))
    assert result.folder is not None
    assert "MemoryError" in (standing.state / "tracebacks" / "base model.txt").read_text()
    (failure,) = run(standing, until="before").failures
    assert failure.code == "E-RUN-003", "also where nobody waits for the answers"


def test_what_a_killed_batch_did_not_write_down_is_made_up_for(standing: Workspace) -> None:
    run(standing)
    said = events(standing, "r-0")
    received = standing.ledger.read_bytes().splitlines(keepends=True)[:2]
    standing.ledger.write_bytes(b"".join(received))
    run(standing)
    assert events(standing, "r-0") == said
    size = standing.ledger.stat().st_size
    run(standing)
    assert standing.ledger.stat().st_size == size, "nothing changed, so there is nothing to say"


def test_the_last_entry_of_a_stage_is_the_output_that_is_used(standing: Workspace) -> None:
    lr = standing.params().unlearning.lr
    for rate in (lr, lr / 2, lr):
        change(standing, "unlearning", lr=rate)
        run(standing, until="unlearn")
    once = ["received", "accepted", "planned", "committed", "constructed"]
    assert events(standing, "r-0") == [*once, "unlearned", "unlearned", "unlearned"]
