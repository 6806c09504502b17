"""A deadline is a length or a time of day, and concerns requests that no release holds yet."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from siu.config.file import check_params
from siu.errors import PreflightError
from tasks.deadline import Deadline, deadline_time

NIGHT = datetime(2026, 3, 28, 23, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("90min", "2026-03-29T00:30:00+01:00"),
        ("2h", "2026-03-29T01:00:00+01:00"),
        ("05:30", "2026-03-29T05:30:00+02:00"),  # the clocks go forward that night
        ("23:00", "2026-03-29T23:00:00+02:00"),
        ("23:59", "2026-03-28T23:59:00+01:00"),
    ],
)
def test_a_deadline_is_a_length_or_the_next_time_of_day(text: str, time: str) -> None:
    assert deadline_time(text, NIGHT).isoformat() == time


@pytest.mark.parametrize("text", ["24:00", "5:30", "0min", "-1h", "2 days", ""])
def test_others_are_refused(text: str) -> None:
    with pytest.raises(PreflightError, match=r"batch\.deadline"):
        check_params({"batch": {"deadline": text}}, "params.yaml")


def test_it_passes_for_new_requests_alone() -> None:
    now = datetime.now(UTC)
    assert Deadline(now, ("r-1",)).has_passed_for("r-1")
    assert not Deadline(now, ("r-1",)).has_passed_for("r-2")
    assert not Deadline(now + timedelta(hours=1), ("r-1",)).has_passed_for("r-1")
