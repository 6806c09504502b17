"""Which requests are to be purged without being asked for: by their own policy, or that of params.yaml."""

from collections.abc import Sequence

from siu.audit.entry import Entry
from siu.audit.events import PURGE_BEGUN, PURGED
from siu.audit.ledger import Ledger
from siu.data.requests.life import purged_ids
from siu.errors import InputError, SiuError
from siu.storage.workspace import Workspace
from tasks.deploy import latest_release
from tasks.known_requests import records_of, table_rows
from tasks.purging.plan import last_of
from tasks.purging.purge import purge

KEEP, PURGE = "keep", "purge"


def policies(workspace: Workspace) -> dict[str, str]:
    """Return what each request says of its data after a release; only those that say something.

    Where nobody can tell what a row says, it keeps: what is purged is gone.

    Raises:
        InputError: ``E-CSV-…`` the table can't be read.
        StateError: ``E-REQ-026`` the records can't be read.
    """
    rows: dict[str, str] = {}
    for row in table_rows(workspace):
        word = KEEP if row.row.fault is not None else row.row["policy"].strip().casefold()
        rows[row.request_id] = KEEP if rows.get(row.request_id) == KEEP else word
    own = {request_id: content.policy for request_id, content in records_of(workspace).read().added.items()}
    return {request_id: word for request_id, word in {**rows, **own}.items() if word}


def due(workspace: Workspace) -> list[str]:
    """Return the requests of the deployed release that a policy purges, and those whose purge was killed.

    Raises:
        InputError: As `policies`.
        StateError: As `policies`.
    """
    entries = Ledger(workspace.ledger).entries()
    release = latest_release(workspace)
    if release is None:
        return []
    general, own, purged = workspace.params().policy.after_release, policies(workspace), purged_ids(entries)
    return [
        request_id
        for request_id in sorted(release.verdicts())
        if request_id not in purged
        and (own.get(request_id, general) == PURGE or _is_under_way(entries, request_id))
    ]


def _is_under_way(entries: Sequence[Entry], request_id: str) -> bool:
    """Return whether a purge was begun and not ended: somebody wanted it, whatever the policy says now."""
    begun, done = (last_of(entries, event, request_id) for event in (PURGE_BEGUN, PURGED))
    return begun is not None and (done is None or done.seq < begun.seq)


def due_by_policy(workspace: Workspace) -> list[str]:
    """Return what is due, for a person who asks for it.

    Raises:
        InputError: ``E-PRG-002`` the policy keeps all, or nothing is released.
    """
    if latest_release(workspace) is None:
        raise InputError("E-PRG-002", "nothing is released yet", "Run `siu batch`", str(workspace.root))
    request_ids = due(workspace)
    policy = workspace.params().policy.after_release
    entries = Ledger(workspace.ledger).entries()
    if not request_ids and policy != PURGE and not any(entry.event == PURGED for entry in entries):
        remedy = "Name a request, set policy.after_release: purge, or write purge in its column policy"
        raise InputError("E-PRG-002", f"policy.after_release is {policy}", remedy, str(workspace.params_file))
    return request_ids


def purge_what_is_due(workspace: Workspace) -> tuple[str, ...]:
    """Purge all that is due and return a note about each; the caller holds the batch lock.

    What fails is noted, and taken up by the next batch or `siu purge`.
    """
    notes = []
    for request_id in due(workspace):
        try:
            purge(workspace, request_id)
        except (SiuError, OSError) as error:
            notes.append(f"{request_id} is not purged yet, `siu purge {request_id}` goes on: {error}")
        else:
            notes.append(f"{request_id} is purged, as its policy says; its certificate has the table")
    return tuple(notes)
