"""What must not be lost or left behind: the ledger, its key, locks and half-made work."""

import sqlite3
from contextlib import closing
from pathlib import Path

from siu.audit.audit import OWN_WORD, audit
from siu.audit.keys import REVOKED, key_ring
from siu.audit.ledger import Ledger
from siu.config.params import Params
from siu.storage.workspace import Workspace
from tasks.batch_lock import batch_holder, is_free
from tasks.health.check import Check
from tasks.signing import private_file
from tasks.tracking.location import tracking_file

UNDONE_FLOWS = "SELECT count(*) FROM flow_run WHERE state_type IN ('RUNNING', 'PENDING', 'CANCELLING')"
UNDONE_RUNS = "SELECT count(*) FROM runs WHERE status = 'RUNNING'"


def ledger(workspace: Workspace, _params: Params) -> Check:
    """Audit the workspace as `siu verify` does."""
    if not workspace.ledger.is_file():
        return Check("ledger", "ok", "none yet; the first batch begins it")
    result = audit(workspace.root)
    if result.faults:
        text = f"{len(result.faults)} faults, the first: {result.faults[0]}"
        return Check("ledger", "fail", text, "Run `siu verify`, which names all; restore what is named")
    notices = [notice for notice in result.notices if notice != OWN_WORD]  # it is for others to compare
    if notices:
        return Check("ledger", "warn", notices[0], "Run `siu verify`")
    entries = "1 entry" if result.entries == 1 else f"{result.entries} entries"
    return Check("ledger", "ok", f"{entries}, {result.outputs} outputs as they were written")


def keys(workspace: Workspace, _params: Params) -> Check:
    """See whether the key in force is there and private."""
    entries = Ledger(workspace.ledger).entries()
    current = key_ring(entries).current
    if current is None:
        if any(entry.event == REVOKED for entry in entries):
            return Check("keys", "fail", "the last key was revoked", "Run `siu keys create`")
        return Check("keys", "ok", "none yet; the first batch makes one")
    file = private_file(workspace, current)
    if not file.is_file():
        remedy = "Name its file in SIU_SIGNING_KEY, restore it, or run `siu keys rotate`"
        return Check("keys", "fail", f"the private key in force is not at {file}", remedy)
    if file.stat().st_mode & 0o077:
        return Check(
            "keys", "fail", f"others can read {file}", f"Run `chmod 600 {file}`, then `siu keys rotate`"
        )
    return Check("keys", "ok", f"{current.key_id.hex()} signs")


def left_over(workspace: Workspace, params: Params) -> Check:
    """Look for what killed processes have left, unless a batch is at work."""
    if not is_free(workspace):
        text = f"a batch, study or attack is at work ({batch_holder(workspace)})"
        return Check("left over", "ok", text)
    databases = (
        (workspace.prefect_home / "prefect.db", UNDONE_FLOWS),
        (tracking_file(workspace, params.tracking), UNDONE_RUNS),
    )
    left = [
        f"{count} runs that count as running in {file.name}"
        for file, query in databases
        if file is not None and (count := _undone(file, query))
    ]
    if staging := len(list(workspace.artifacts.glob(".staging/*.lock"))):
        left.append(f"{staging} outputs half made")
    if left:
        return Check(
            "left over", "warn", ", ".join(left), "Nothing: the next batch or `siu up` clears it away"
        )
    return Check("left over", "ok", "nothing")


def _undone(file: Path, query: str) -> int:
    if not file.is_file():
        return 0
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=5)) as database:
            return int(database.execute(query).fetchone()[0])
    except sqlite3.Error:  # `services` tells of a database that can't be read
        return 0
