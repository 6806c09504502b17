"""What became of each run of the schedule, and whether the schedule is served; words and ids, no names."""

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from siu.storage.durable import append_bytes, replace_text
from siu.storage.workspace import Workspace

ALIVE_SECONDS = 20.0
"""So often it is noted that the schedule is served."""
MOST_LINES = 1000


@dataclass(frozen=True)
class ScheduleEvent:
    """Something that happened to the schedule, or to one of its runs.

    Attributes:
        event: ``serves``, ``missed``, ``waits``, ``skipped``, ``done`` or ``failed``.
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


def is_alive(workspace: Workspace) -> bool:
    """Return whether the schedule is served."""
    last = last_alive(workspace)
    return last is not None and time.time() - last.timestamp() < 3 * ALIVE_SECONDS
