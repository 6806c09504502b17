"""What a workspace holds: states of requests, and whether everything is unchanged."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from siu.audit.audit import Audit
from siu.audit.command import checked
from siu.audit.ledger import Ledger
from siu.data.requests.life import request_states, today
from siu.storage.workspace import Workspace


def states(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what came last of each request, in order of arrival.

    Returns:
        ``request_id``, ``state`` (the last event that changed something), ``status`` (where the request
        stands in its life cycle), ``verdict`` (the last one) with its ``assurance`` (None where an earlier
        version wrote none), ``code`` (why it is in quarantine or refused; None elsewhere), ``since`` (the
        time of the event), ``due`` (the day by which it is to be answered), ``overdue``.
    """
    known = request_states(Ledger(workspace.ledger).entries(), workspace.params().policy)
    now = today()
    return [
        {
            "request_id": state.request_id,
            "state": state.event,
            "status": state.status,
            "verdict": state.verdict,
            "assurance": state.assurance,
            "code": state.code,
            "since": state.since,
            "due": state.due.isoformat(),
            "overdue": state.is_overdue(now),
        }
        for state in known.values()
    ]


def verify(
    workspace: Workspace,
    *,
    repair: bool = False,
    head: str | None = None,
    key: str = "",
    checkpoint: Path | None = None,
) -> Audit:
    """Hold the workspace against its ledger; return what was checked.

    Args:
        workspace: Where.
        repair: Whether a torn last line is cut off first.
        head: What an earlier call returned as the ledger's head; the ledger must still hold it.
        key: A public key that is known from elsewhere, or the file that holds it.
        checkpoint: A checkpoint that was kept elsewhere.

    Raises:
        TamperedError: Names everything that is not as it was written.
        InputError: Key or checkpoint can't be read.
    """
    if repair:
        Ledger(workspace.ledger).repair()
    return checked(workspace.root, key, checkpoint, head)


def text_of(audit: Audit, as_json: bool) -> str:
    """Return an audit without faults as lines for people, or as JSON."""
    if not as_json:
        return "\n".join(audit.lines)
    values = {name: value for name, value in asdict(audit).items() if name != "faults"}
    return json.dumps(values, indent=2)
