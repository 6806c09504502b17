"""What a scheduled batch says of itself holds codes and counts, never words that may quote a name."""

import asyncio
from datetime import UTC, datetime, timedelta

from flows.batch_result import BatchResult
from flows.orchestration.catch_up import MOST, missed_times
from flows.orchestration.scheduled import codes, summary
from siu.errors import ConceptError, InputError, PreflightError
from tasks.outcome import Outcome


def test_errors_are_told_by_their_codes() -> None:
    name = InputError("E-REQ-012", "no concept has the name 'Mira Talvon'", "Did you mean 'Mira Talon'?")
    both = PreflightError((name, name, InputError("E-PAR-002", "twice", "Remove one")))
    assert codes(both) == "E-REQ-012, E-PAR-002 (`siu batch` in the workspace says more)"
    assert codes(name).startswith("E-REQ-012 (")


def test_a_batch_is_told_by_its_counts() -> None:
    quarantined = Outcome("r-1", error=ConceptError("E-UNL-001", "Mira Talvon", "Lower lr"))
    assert summary(BatchResult((quarantined,))) == "0 erased, 1 not; no release"


def test_times_that_passed_unserved_are_counted_on_the_schedules_own_clock() -> None:
    since = datetime.now(UTC) - timedelta(days=2)
    for zone in ("UTC", "Asia/Tokyo"):
        assert asyncio.run(missed_times(since, "0 0 * * *", zone)) == 2
    assert asyncio.run(missed_times(since, "* * * * *", "UTC")) == MOST
    assert asyncio.run(missed_times(None, "* * * * *", "UTC")) == 0
