"""Until when a batch begins with new requests; what was begun is finished."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

DEFERRED = "E-SCH-006"
_LENGTH = re.compile(r"(\d+) ?(min|h)")
_CLOCK = "%H:%M"


@dataclass(frozen=True)
class Deadline:
    """A time, and the requests whose training isn't begun after it.

    Attributes:
        time: The time.
        request_ids: Those that no release holds yet; all others are never put off.
    """

    time: datetime
    request_ids: tuple[str, ...]

    def has_passed_for(self, request_id: str) -> bool:
        """Return whether it is too late to begin with a request."""
        return request_id in self.request_ids and datetime.now(UTC) >= self.time


def deadline_time(text: str, now: datetime) -> datetime:
    """Return the time that ``batch.deadline`` means for a batch that begins now.

    Args:
        text: A length such as ``90min`` or ``2h``, or a time of day such as ``05:30``: the next one by the
            clock of ``now``, so that a batch that begins at 23:00 has until 05:30 of the next day.
        now: The present, with its time zone.
    """
    if length := _LENGTH.fullmatch(text):
        unit = timedelta(hours=1) if length[2] == "h" else timedelta(minutes=1)
        return now + int(length[1]) * unit
    clock = datetime.strptime(text, _CLOCK).time()  # noqa: DTZ007  # the zone is that of `now`
    day = now.date() if clock > now.time() else now.date() + timedelta(days=1)
    return datetime.combine(day, clock, now.tzinfo)
