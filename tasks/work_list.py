"""Which requests a batch works on, which first, and what the ledger says before it begins."""

from dataclasses import replace
from datetime import date, datetime

from siu.audit.author import actor
from siu.audit.events import RECEIVED
from siu.audit.ledger import Ledger
from siu.data.intake.requests import RequestTable
from siu.data.requests.due import due_day
from siu.data.requests.life import request_states, today
from siu.storage.workspace import Workspace
from tasks.answers import BEFORE
from tasks.attack import ATTACK
from tasks.deadline import Deadline, deadline_time
from tasks.history import History
from tasks.job import Job
from tasks.requests import make_up_for

SHOWN = 10


def note_received(workspace: Workspace, table: RequestTable) -> History:
    """Return what the ledger says, with an entry for each row that it didn't know, sound or not."""
    history = History(Ledger(workspace.ledger))
    make_up_for(workspace, history)
    days = {
        row.request_id: row.received.isoformat() if row.received else None for row in reversed(table.rows)
    }
    unknown = [
        request_id
        for request_id in dict.fromkeys(row.request_id for row in table.rows)
        if not history.last(RECEIVED, request_id)
    ]
    history.append_all(RECEIVED, {request_id: {"received": days[request_id]} for request_id in unknown})
    return history


def due_of(job: Job, history: History, request_id: str) -> date:
    """Return the day a request is due: counted from the day it came in, or was first written down."""
    received = job.request(request_id).received
    if received is None:
        received = date.fromisoformat((history.since(RECEIVED, request_id) or "9000-01-01")[:10])
    is_extended = history.last("extended", request_id) is not None
    return due_day(received, job.params.policy, is_extended=is_extended)


def in_due_order(job: Job, history: History) -> tuple[str, ...]:
    """Return the requests, those due first in front; of those due on one day the table's order."""
    return tuple(sorted(job.request_ids, key=lambda request_id: due_of(job, history, request_id)))


def in_window(job: Job, history: History) -> Job:
    """Return the job without the new requests for which ``batch.max_requests`` leaves no room.

    Those that have a verdict stay, whatever it is: they are in the release. Of the others those due first
    are taken, and those that were in quarantine last, lest they keep all others waiting.
    """
    most = job.params.batch.max_requests
    new = [request_id for request_id in in_due_order(job, history) if not _is_served(history, request_id)]
    if most is None or len(new) <= most:
        return job
    new.sort(key=lambda request_id: history.last("quarantined", request_id) is not None)
    waiting = set(new[most:])
    note = f"{len(waiting)} requests wait for the next batch (batch.max_requests: {most})"
    requests = tuple(request for request in job.requests if request.request_id not in waiting)
    return replace(job, requests=requests, notes=(*job.notes, note))


def deadline_of(job: Job, history: History) -> Deadline | None:
    """Return until when the batch, which begins now, begins with new requests; None for no limit."""
    text = job.params.batch.deadline
    if text is None:
        return None
    new = tuple(request_id for request_id in job.request_ids if not _is_served(history, request_id))
    return Deadline(deadline_time(text, datetime.now().astimezone()), new)


def with_overdue(job: Job) -> Job:
    """Return the job with a note on requests whose day had passed when it began."""
    states = request_states(Ledger(job.workspace.ledger).entries(), job.params.policy)
    known = (states[request_id] for request_id in job.request_ids if request_id in states)
    late = [state.request_id for state in known if state.is_overdue(today())]
    if not late:
        return job
    more = f" and {len(late) - SHOWN} more" if len(late) > SHOWN else ""
    return replace(job, notes=(*job.notes, f"overdue when the batch began: {', '.join(late[:SHOWN])}{more}"))


def note_work(job: Job, history: History) -> None:
    """Write down which requests are accepted, and which of them are planned to be worked on."""
    who = {"actor": actor()}
    accepted = [request_id for request_id in job.request_ids if history.last("accepted", request_id) is None]
    history.append_all("accepted", dict.fromkeys(accepted, who))
    unplanned = (request_id for request_id in job.request_ids if history.last("planned", request_id) is None)
    planned = [request_id for request_id in unplanned if not _is_done(job, history, request_id)]
    history.append_all("planned", dict.fromkeys(planned, who))


def _is_served(history: History, request_id: str) -> bool:
    return any(history.last(event, request_id) is not None for event in ("verdict", "released"))


def _is_done(job: Job, history: History, request_id: str) -> bool:
    """Return whether a request has its verdict, and nothing is to be done again since."""
    verdict = history.last("verdict", request_id)
    if verdict is None:
        return False
    if ATTACK.find(job, request_id):
        return True
    return verdict.get("plan") == BEFORE.digest(job, request_id) and BEFORE.find(job, request_id) is not None
