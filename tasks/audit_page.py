"""The audit trail as a page and a table: made of the ledger, with every signature checked on the way."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from siu.audit.audit import audit
from siu.audit.chain import read_chain
from siu.audit.entry import Entry
from siu.audit.events import PURGE_BEGUN, PURGED, RELEASED
from siu.audit.keys import key_ring
from siu.audit.note import PublicKey, read_key
from siu.audit.pages import audit_page, escaped_csv
from siu.client import Client
from siu.config.service import PolicyParams
from siu.data.releases import release_rows
from siu.data.requests.life import request_states, today
from siu.errors import InputError, SiuError
from siu.storage.durable import replace_text
from siu.storage.workspace import Workspace
from tasks.certify import certificate_file, checked_certificate

PAGE, TABLE = "audit.html", "audit.csv"
YES = "yes"
COLUMNS = (
    "request_id",
    "state",
    "code",
    "verdict",
    "assurance",
    "received",
    "due",
    "overdue",
    "release",
    "certificate",
    "purge",
)


def write_audit_page(workspace: Workspace, folder: Path, trusted: Sequence[PublicKey] = ()) -> Path:
    """Write the page and the table into a folder; return the page.

    A workspace with faults gets its page too, with all of them at the top.

    Args:
        workspace: Where.
        folder: Where to; created if need be.
        trusted: Public keys that are known from elsewhere; without any the ledger's own word is taken.
    """
    audited = audit(workspace.root, tuple(trusted))
    entries = read_chain(workspace.ledger).entries
    keys = [*trusted, *(_keys(entries) if not trusted else ())]
    policy, notices = _policy(workspace)
    requests = _requests(workspace, entries, keys, policy)
    page = audit_page(
        origin=audited.key,
        faults=[str(fault) for fault in audited.faults],
        notices=(*audited.notices, *notices),
        day=today().isoformat(),
        overdue=sum(row["overdue"] == YES for row in requests),
        entries=entries,
        signed=audited.signed,
        head=audited.head,
        made=entries[-1].time if entries else "",
        csv=TABLE,
        requests=requests,
        releases=release_rows(entries, _deployed(workspace)),
    )
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(folder / PAGE, page)
    replace_text(folder / TABLE, escaped_csv(requests, COLUMNS))
    return folder / PAGE


def _policy(workspace: Workspace) -> tuple[PolicyParams, tuple[str, ...]]:
    """Return by what due days are told, and a note where params.yaml can't be read."""
    try:
        return workspace.params().policy, ()
    except (SiuError, OSError):
        return PolicyParams(), ("params.yaml can't be read: due days are those of the defaults",)


def _keys(entries: Sequence[Entry]) -> list[PublicKey]:
    """Return all keys that the ledger names, in force or not."""
    texts = [str(entry.data["key"]) for entry in entries if "key" in entry.data]
    ring = key_ring(entries)
    keys = []
    for text in texts:
        try:
            keys.append(read_key(text))
        except InputError:  # told among the faults
            continue
    return keys if ring.origin else []


def _requests(
    workspace: Workspace, entries: Sequence[Entry], keys: Sequence[PublicKey], policy: PolicyParams
) -> list[dict[str, Any]]:
    """Return one row per request, in order of arrival."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in entries:
        if not entry.request_id:
            continue
        row = rows.setdefault(entry.request_id, {**dict.fromkeys(COLUMNS, ""), "received": entry.time})
        row["request_id"] = entry.request_id
        if entry.event == RELEASED:
            row["release"] = str(entry.data.get("plan", ""))
        if entry.event in (PURGE_BEGUN, PURGED):
            row["purge"] = PURGED if entry.event == PURGED else "begun, not ended"
    states = request_states(entries, policy)
    for request_id, row in rows.items():
        state = states[request_id]
        row |= {"state": state.event, "code": state.code or ""}
        overdue = YES if state.is_overdue(today()) else ""
        row |= {"received": state.received.isoformat(), "due": state.due.isoformat(), "overdue": overdue}
        row |= {"verdict": state.verdict or "", "assurance": state.assurance or ""}
        row["certificate"] = _certificate(workspace, row["request_id"], row["release"], keys)
    return list(rows.values())


def _certificate(workspace: Workspace, request_id: str, plan: str, keys: Sequence[PublicKey]) -> str:
    """Return whether a request's certificate holds; empty where there is none."""
    file = certificate_file(workspace, request_id, plan)
    if not plan or not file.is_file():
        return ""
    try:
        checked_certificate(file, keys)
    except InputError as error:
        return error.code
    return "holds"


def _deployed(workspace: Workspace) -> str | None:
    """Return the plan of the deployed release; None where none is, or where latest.json is broken."""
    try:
        release = Client(workspace).release()
    except SiuError:  # told among the faults
        return None
    return None if release is None else release.plan
