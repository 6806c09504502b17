"""The clock that ledger and records are dated by; a test can set it back."""

from datetime import UTC, datetime, timedelta

_behind = timedelta()


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC) - _behind


def set_back(by: timedelta) -> None:
    """Let this process's clock be behind from now on, as after a correction; zero puts it right."""
    global _behind
    _behind = by
