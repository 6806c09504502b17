"""What is due first runs first, a batch takes what fits, and what was served stays in the release."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from siu.audit.ledger import Ledger
from siu.config.service import BatchParams
from siu.data.intake.requests import ErasureRequest
from siu.storage.workspace import Workspace
from tasks.history import History
from tasks.job import Job
from tasks.work_list import due_of, in_due_order, in_window

DAYS = {"r-1": 20, "r-2": 10, "r-3": 10, "r-4": 5}


@pytest.fixture
def job(workspace: Workspace) -> Job:
    requests = tuple(
        ErasureRequest(request_id, request_id, "other", Path(), received=date(2026, 1, day))
        for request_id, day in DAYS.items()
    )
    return Job(workspace, workspace.params(), requests, "c" * 64, "b" * 64, {})


@pytest.fixture
def history(job: Job) -> History:
    history = History(Ledger(job.workspace.ledger))
    history.append_all("received", {one: {"received": None} for one in DAYS})
    return history


def limited(job: Job, most: int) -> Job:
    return replace(job, params=job.params.model_copy(update={"batch": BatchParams(max_requests=most)}))


def test_what_is_due_first_comes_first_and_the_table_decides_between_equals(
    job: Job, history: History
) -> None:
    assert in_due_order(job, history) == ("r-4", "r-2", "r-3", "r-1")
    history.append("extended", "r-4", {"actor": "anna"})
    assert in_due_order(job, history) == ("r-2", "r-3", "r-1", "r-4")


def test_a_request_without_a_day_is_due_from_its_first_entry(job: Job, history: History) -> None:
    dateless = replace(job, requests=(replace(job.requests[0], received=None),))
    first = date.fromisoformat(str(history.since("received", "r-1"))[:10])
    assert (due_of(dateless, history, "r-1") - first).days == job.params.policy.days


def test_a_batch_takes_what_fits_and_notes_how_many_wait(job: Job, history: History) -> None:
    assert in_window(job, history) is job
    assert in_window(limited(job, 4), history).request_ids == job.request_ids
    taken = in_window(limited(job, 2), history)
    assert taken.request_ids == ("r-2", "r-4"), "in the order of the table"
    assert taken.notes == ("2 requests wait for the next batch (batch.max_requests: 2)",)


def test_what_was_served_stays_and_takes_no_room(job: Job, history: History) -> None:
    history.append("verdict", "r-1", {"verdict": "partial"})
    assert in_window(limited(job, 1), history).request_ids == ("r-1", "r-4")


def test_what_failed_before_waits_behind_what_is_new(job: Job, history: History) -> None:
    for request_id in ("r-4", "r-2"):
        history.append("quarantined", request_id, {"code": "E-UNL-001"})
    assert in_window(limited(job, 2), history).request_ids == ("r-1", "r-3")
    assert in_window(limited(job, 3), history).request_ids == ("r-1", "r-3", "r-4")
