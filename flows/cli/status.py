"""What a workspace holds: states of requests, the latest report, and whether everything is unchanged."""

from pathlib import Path
from typing import Any

from siu.audit.command import checked
from siu.audit.ledger import Ledger
from siu.errors import StateError
from siu.storage.workspace import Workspace

UNCHANGED = ("skipped", "committed", "certified")
"""What is no state of a request: what is said about it beside its way, and what earlier versions wrote when a
run found everything there already."""

EMPTY = {"request_id": "", "verdict": None, "assurance": None}
REDACTED = "report-redacted.html"


def states(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what came last of each request, in order of arrival.

    Returns:
        ``request_id``, ``state`` (the last event that changed something), ``verdict`` (the last one) with its
        ``assurance`` (None where an earlier version wrote none), ``code`` (why it is in quarantine; None
        elsewhere) and ``since`` (the time of the event).
    """
    found: dict[str, dict[str, Any]] = {}
    for entry in Ledger(workspace.ledger).entries():
        if entry.request_id and entry.event not in UNCHANGED:
            state = found.setdefault(entry.request_id, {**EMPTY, "request_id": entry.request_id})
            state |= {"state": entry.event, "code": entry.data.get("code"), "since": entry.time}
            if "verdict" in entry.data:
                state |= {"verdict": entry.data["verdict"], "assurance": entry.data.get("assurance")}
    return list(found.values())


def latest_report(workspace: Workspace, name: str = "report.html") -> Path:
    """Return the newest report, or what else lies beside it.

    Args:
        workspace: Where.
        name: ``report.html``, ``report-redacted.html`` or ``summary.json``.

    Raises:
        StateError: ``E-RUN-006`` there is none.
    """
    reports = sorted(workspace.reports.glob(f"*/{name}"), key=lambda path: path.stat().st_mtime)
    if not reports:
        raise StateError("E-RUN-006", "there is no report yet", "Run `siu batch`", str(workspace.reports))
    return reports[-1]


def verify(
    workspace: Workspace,
    *,
    repair: bool = False,
    head: str | None = None,
    key: str = "",
    checkpoint: Path | None = None,
) -> str:
    """Hold the workspace against its ledger; return what was checked, in one line behind its notes.

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
    return "\n".join(checked(workspace.root, key, checkpoint, head).lines)
