"""A request's purge: planned, written into the ledger, done, and told in the certificate.

What is to go is written into the ledger before anything is taken away, so a purge that was killed is ended by
the same command. Running it again on a purged request does nothing.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from siu.audit.commitment import opening_file
from siu.audit.entry import Entry
from siu.audit.ledger import Ledger
from siu.errors import InputError
from siu.report.site import INDEX
from siu.storage.workspace import Workspace
from tasks.certify import certificate_file, certify, certify_purge
from tasks.deploy import latest_release
from tasks.purging.databases import PREFECT, forget_rows, forget_runs, rewrite
from tasks.purging.names import line_files, without_lines
from tasks.purging.pages import make_pages_anew
from tasks.purging.plan import BEGUN, PURGED, Plan, last_of, plan_purge
from tasks.purging.table import without_row
from tasks.purging.versions import forget_copies
from tasks.requests import records_of
from tasks.seal import seal
from tasks.versioning.commit import commit

BRINGS_BACK = ("committed", "constructed")
"""Events behind a purge that show that the request was put in again."""


def purge(workspace: Workspace, request_id: str) -> list[dict[str, Any]]:
    """Take away all that holds a request's data; return the table of it. The caller holds the batch lock.

    What stays is the certificate, the ledger, the released adapter, and the collection, which is the
    operator's own.

    Raises:
        InputError: ``E-PRG-001`` there is no such request, ``002`` no deployed release holds it.
        StateError: ``E-PRG-003`` a database is in use; the same command goes on.
    """
    plan = plan_purge(workspace, request_id)
    ledger = Ledger(workspace.ledger)
    entries = ledger.entries()
    done, begun = (last_of(entries, event, request_id) for event in (PURGED, BEGUN))
    if done is not None and begun is not None and begun.seq < done.seq:
        begun = None  # of the purge that was ended
    if done is not None and begun is None and is_purged(entries, request_id):
        table: list[dict[str, Any]] = done.data["table"]
        return table
    if begun is None:
        certificate = _certificates(workspace, request_id)
        begun = ledger.append(
            BEGUN,
            request_id,
            {
                "dropped": list(plan.outputs),
                "table": plan.table,
                "certificate": certificate.name,
                "recheck": plan.traces.is_known,
            },
        )
    else:
        certificate = workspace.root / "certificates" / str(begun.data["certificate"])
    _take_away(workspace, plan)
    table = begun.data["table"]
    ledger.append(PURGED, request_id, {"table": table, "dropped": begun.data["dropped"]})
    make_pages_anew(workspace, with_index=workspace.reports / INDEX in plan.pages)
    seal(workspace)
    certify_purge(workspace, certificate, table, can_be_measured=bool(begun.data.get("recheck")))
    return table


def _take_away(workspace: Workspace, plan: Plan) -> None:
    """Do all of it, copies before what they are known by; each step may be done again."""
    forget_copies(workspace, plan.copies)
    forget_runs(workspace.mlflow_database, plan.runs)
    rewrite(workspace.mlflow_database)
    for path in [*plan.tracked, *plan.pages, *plan.rest]:
        _remove(path)
    forget_rows(workspace.prefect_home / "prefect.db", PREFECT)
    _remove(workspace.prefect_home / "storage")
    for path in [*plan.reports, *plan.outputs.values()]:
        _remove(path)
    for file in line_files(workspace):
        without_lines(file, plan.traces.all)
    (workspace.root / "metrics/summary.json").unlink(missing_ok=True)
    _forget_request(workspace, plan)
    commit(workspace)
    _remove(workspace.root / ".dvc-site")


def _forget_request(workspace: Workspace, plan: Plan) -> None:
    """Remove picture, record, row and key: by these the rest is known, so they go last."""
    records = records_of(workspace)
    with records.locked():
        without_lines(workspace.request_records, (), plan.request_id)
        for picture in plan.pictures:
            _remove(picture)
        without_row(workspace.requests_csv(workspace.params()), plan.request_id)
    _remove(opening_file(workspace.state, plan.request_id))


def _certificates(workspace: Workspace, request_id: str) -> Path:
    """Write the certificates of all requests whose reports go, and return this one's file.

    Raises:
        InputError: ``E-PRG-002`` the request is in no release that is deployed.
    """
    release = latest_release(workspace)
    if release is None or request_id not in release.verdicts():
        what = f"no deployed release holds the request {request_id}"
        raise InputError("E-PRG-002", what, "Purge after the release; before it, the picture is needed", "")
    for other in release.verdicts():
        certify(workspace, other)
    return certificate_file(workspace, request_id, release.plan)


def is_purged(entries: Sequence[Entry], request_id: str) -> bool:
    """Return whether a request was purged and not put in again since."""
    own = [entry.event for entry in entries if entry.request_id == request_id]
    return PURGED in own and not set(BRINGS_BACK) & set(own[len(own) - own[::-1].index(PURGED) :])


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
