"""What became of each run of the schedule, and whether the schedule is served; words and ids, no names."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from siu.storage.durable import append_bytes, replace_text
from siu.storage.workspace import Workspace

ALIVE_SECONDS = 20.0
"""So often it is noted that the schedule is served."""
MOST_LINES = 1000
ENDS = ("done", "failed", "skipped", "missed")


@dataclass(frozen=True)
class ScheduleEvent:
    """Something that happened to the schedule, or to one of its runs.

    Attributes:
        event: ``serves``, ``ended``, ``missed``, ``waits``, ``skipped``, ``done`` or ``failed``.
        reason: What there is to say about it.
        time: When, in UTC.
    """

    event: str
    reason: str
    time: str = ""


def note_schedule(workspace: Workspace, event: str, reason: str) -> None:
    """Add an event to the log."""
    entry = ScheduleEvent(event, reason, datetime.now(UTC).isoformat(timespec="seconds"))
    workspace.schedule_log.parent.mkdir(parents=True, exist_ok=True)
    append_bytes(workspace.schedule_log, (json.dumps(asdict(entry)) + "\n").encode())


def schedule_events(workspace: Workspace) -> list[ScheduleEvent]:
    """Return the events so far; a last line that a crash tore is passed over."""
    if not workspace.schedule_log.is_file():
        return []
    events = []
    for line in workspace.schedule_log.read_text(encoding="utf-8").splitlines():
        try:
            events.append(ScheduleEvent(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return events


def shorten_schedule_log(workspace: Workspace) -> None:
    """Drop the oldest lines of a log that has grown long; called before anybody else writes into it."""
    if len(events := schedule_events(workspace)) > MOST_LINES:
        lines = (json.dumps(asdict(event)) for event in events[-MOST_LINES // 2 :])
        replace_text(workspace.schedule_log, "\n".join(lines) + "\n")


def note_alive(workspace: Workspace) -> None:
    """Note that the schedule is served now."""
    workspace.schedule_alive.parent.mkdir(parents=True, exist_ok=True)
    workspace.schedule_alive.touch()


def last_alive(workspace: Workspace) -> datetime | None:
    """Return when the schedule was last known to be served; None for never."""
    if not workspace.schedule_alive.exists():
        return None
    return datetime.fromtimestamp(workspace.schedule_alive.stat().st_mtime, UTC)


def served_times(cron: str, zone: str) -> str:
    """Return in words when batches run: the reason of the event ``serves``."""
    return f"{cron!r}, {zone} time"


def last_served_times(workspace: Workspace) -> str:
    """Return when batches ran as the schedule was last served; empty where the log doesn't say."""
    served = [event.reason for event in schedule_events(workspace) if event.event == "serves"]
    return served[-1] if served else ""


@dataclass(frozen=True)
class Standing:
    """How the schedule stands: its log and its sign of life, read once.

    Attributes:
        events: All that the log tells.
        alive: When the schedule was last known to be served; None for never.
    """

    events: Sequence[ScheduleEvent]
    alive: datetime | None

    @classmethod
    def of(cls, workspace: Workspace) -> "Standing":
        """Read a workspace's."""
        return cls(schedule_events(workspace), last_alive(workspace))

    @property
    def is_served(self) -> bool:
        """Whether it is served now."""
        if self.events and self.events[-1].event == "ended":
            return False
        return self.alive is not None and time.time() - self.alive.timestamp() < 3 * ALIVE_SECONDS

    @property
    def last_run(self) -> ScheduleEvent | None:
        """What became of the last run that came to an end, or was left out."""
        return next((event for event in reversed(self.events) if event.event in ENDS), None)

    def __str__(self) -> str:
        """One line, its times in this machine's zone; empty if the schedule never was served."""
        if not self.events:
            return ""
        run, now = self.last_run, self.events[-1]
        since = f" since {_shown(self.alive)}" if self.alive is not None else ""
        served = "served" if self.is_served else f"not served{since}"
        at = _shown(datetime.fromisoformat(run.time)) if run else ""
        ran = f"last run {run.event} at {at}: {run.reason}" if run else "no run yet"
        waits = f"; waits: {now.reason}" if now.event == "waits" else ""
        return f"schedule {served}; {ran}{waits}"


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M %Z}"
