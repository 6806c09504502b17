"""What `siu request list` and `siu request show` print."""

import json
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from rich.table import Column, Table

from flows.terminal.console import plain_console
from siu.audit.ledger import Ledger
from siu.data.intake.notes import Notes
from siu.data.intake.request_row import check_row
from siu.data.requests.life import RequestState, request_states, today
from siu.data.requests.records import Content
from siu.data.requests.taken import content_of
from siu.errors import InputError
from siu.language.spellings import spellings
from siu.problems import Problems
from siu.storage.workspace import Workspace
from tasks.known_requests import records_of, table_rows


def listed(
    workspace: Workspace, *, only_open: bool = False, only_overdue: bool = False
) -> list[dict[str, Any]]:
    """Return the requests that the ledger knows, those due first in front."""
    now = today()
    states = _states(workspace).values()
    rows = sorted(states, key=lambda state: (not state.is_open, state.due, state.request_id))
    return [
        {
            "request_id": state.request_id,
            "status": state.status,
            "verdict": state.verdict,
            "code": state.code,
            "received": state.received.isoformat(),
            "due": state.due.isoformat(),
            "extended": state.is_extended,
            "overdue": state.is_overdue(now),
        }
        for state in rows
        if (state.is_open or not only_open) and (state.is_overdue(now) or not only_overdue)
    ]


def show_list(rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print the list, and how many of it are overdue."""
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    console = plain_console()
    if not rows:
        console.print("No request. Add one with `siu request add`, or import a table.")
        return
    table = Table(Column("request", no_wrap=True), "status", "why", "received", "due", "")
    for row in rows:
        remark = "OVERDUE" if row["overdue"] else "extended" if row["extended"] else ""
        table.add_row(
            row["request_id"], row["status"], row["code"] or "", row["received"], row["due"], remark
        )
    console.print(table)
    console.print(f"Requests: {len(rows)}; overdue: {sum(row['overdue'] for row in rows)}")


def shown(workspace: Workspace, request_id: str) -> dict[str, Any]:
    """Return all there is to say about a request; private.

    Raises:
        InputError: ``E-REQ-020`` there is no such request.
    """
    content, state = _content(workspace, request_id), _states(workspace).get(request_id)
    if content is None and state is None:
        raise InputError(
            "E-REQ-020", f"there is no request {request_id[:60]!r}", "Use an id of `siu request list`"
        )
    requests = records_of(workspace).read()
    decisions = {"withdrawn": requests.withdrawn, "extended": requests.extended}
    names = (content.name, *content.aliases) if content else ()
    return {
        "request_id": request_id,
        **(asdict(content) if content else {"name": None}),
        "spellings": {name: spellings(name) for name in names},
        "status": state.status if state else "not read by a batch yet",
        "verdict": state.verdict if state else None,
        "received": state.received.isoformat() if state else None,
        "due": state.due.isoformat() if state else None,
        "overdue": state.is_overdue(today()) if state else False,
        "reasons": {
            word: record[request_id].reason for word, record in decisions.items() if request_id in record
        },
        "history": state.history if state else [],
    }


def text_of(told: dict[str, Any]) -> str:
    """Return it as lines for people."""
    lines = [
        f"{told['request_id']}: {told['status']}, due {told['due']}{' OVERDUE' if told['overdue'] else ''}"
    ]
    if told["name"]:
        aliases = f" (also {'; '.join(told['aliases'])})" if told["aliases"] else ""
        lines += [
            f"  {told['kind']}: {told['name']}{aliases}",
            f"  from {told['source']}, picture {told['image']}",
        ]
    else:
        lines.append("  What it asks for is not here any more, or can't be read.")
    for name, others in told["spellings"].items():
        lines.append(f"  {name} is also found as: {' · '.join(others) or 'no other spelling'}")
    lines += [f"  {word}: {reason}" for word, reason in told["reasons"].items()]
    for event in told["history"]:
        rest = " ".join(value for key, value in event.items() if key not in ("time", "event"))
        lines.append(f"  {event['time']} {event['event']} {rest}".rstrip())
    return "\n".join(lines)


def _states(workspace: Workspace) -> dict[str, RequestState]:
    return request_states(Ledger(workspace.ledger).entries(), workspace.params().policy)


def _content(workspace: Workspace, request_id: str) -> Content | None:
    """Return what a request asks for: of the records, else of the table as it is now, if it can be read."""
    content = records_of(workspace).read().added.get(request_id)
    if content is not None:
        return content
    with suppress(InputError):  # a broken table is no business of one request that is only looked at
        for row in table_rows(workspace):
            if row.request_id == request_id:
                checked = check_row(row, Problems(), Notes())
                return content_of(checked, source=row.row.file.name) if checked else None
    return None
