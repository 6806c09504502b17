"""What a workspace holds: states of requests, the latest report, and whether everything is unchanged."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from siu.audit.ledger import Ledger
from siu.client import Client
from siu.storage.store import Store, read_manifest
from siu.storage.workspace import Workspace


def states(workspace: Workspace) -> list[dict[str, Any]]:
    """Return what came last of each request, in order of arrival, as `siu.client.RequestState` has it."""
    return [asdict(request) for request in Client(workspace).requests()]


def latest_report(workspace: Workspace, *, redacted: bool = False) -> Path:
    """Return the newest report, or its redacted edition.

    Raises:
        StateError: ``E-RUN-006`` there is none.
    """
    return Client(workspace).report(redacted=redacted)


def verify(workspace: Workspace, *, repair: bool = False, head: str | None = None) -> str:
    """Check the ledger and every published output; return what was checked, in one line.

    Args:
        workspace: Where.
        repair: Whether a torn last line is cut off first.
        head: What an earlier call returned as the ledger's head; the ledger must still hold it.

    Raises:
        StateError: Names the first thing that is not as it was written.
    """
    ledger = Ledger(workspace.ledger)
    if repair:
        ledger.repair()
    head = ledger.verify(expected_head=head)
    store = Store(workspace.artifacts)
    outputs = sorted(path.parent for path in workspace.artifacts.glob("[!.]*/*/manifest.json"))
    for folder in outputs:
        store.find(folder.parent.name, read_manifest(folder)["inputs"], verify=True)
    entries = len(ledger.entries())
    return f"{entries} ledger entries and {len(outputs)} outputs are as they were written; head {head}"
