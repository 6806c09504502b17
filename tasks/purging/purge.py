"""A request's purge: planned, written into the ledger, done, and told in the certificate.

What is to go is written into the ledger before anything is taken away, so a purge that was killed is ended by
the same command. Running it again on a purged request does nothing.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siu.audit.commitment import destroy_opening
from siu.audit.events import PURGE_BEGUN, PURGED
from siu.audit.ledger import Ledger
from siu.data.requests.life import purged_ids
from siu.errors import InputError
from siu.report.site import INDEX
from siu.storage.workspace import Workspace
from tasks.certify import certificate_file, certify, certify_purge
from tasks.deploy import latest_release
from tasks.known_requests import records_of
from tasks.purging.databases import forget_runs, rewrite
from tasks.purging.flow_runs import forget_texts, results
from tasks.purging.names import line_files, without_lines
from tasks.purging.pages import make_pages_anew
from tasks.purging.plan import Plan, last_of, plan_purge
from tasks.purging.table import without_rows
from tasks.purging.tracking import mlflow_file
from tasks.purging.versions import forget_copies
from tasks.seal import seal
from tasks.versioning.commit import commit


@dataclass(frozen=True)
class Purge:
    """What came of a purge.

    Attributes:
        table: What went and what was not reached, by place: ``place``, ``action`` and ``count``.
        others: Files of the operator that show something of the request and stay; none where it was purged
            before.
    """

    table: list[dict[str, Any]]
    others: tuple[Path, ...] = ()


def purge(workspace: Workspace, request_id: str) -> Purge:
    """Take away all that holds a request's data. The caller holds the batch lock.

    What stays is the certificate, the ledger, the released adapter, and the collection, which is the
    operator's own.

    Raises:
        InputError: ``E-PRG-001`` there is no such request, ``002`` no deployed release holds it; ``E-CSV-…``
            its row can't be taken out of the table.
        StateError: ``E-PRG-003`` a database is in use; the same command goes on.
    """
    ledger = Ledger(workspace.ledger)
    entries = ledger.entries()
    done, begun = (last_of(entries, event, request_id) for event in (PURGED, PURGE_BEGUN))
    if done is not None and begun is not None and begun.seq < done.seq:
        begun = None  # of the purge that was ended
    if done is not None and begun is None and request_id in purged_ids(entries):
        return Purge(done.data["table"])
    plan = plan_purge(workspace, request_id)
    if begun is None:
        certificate = _certificates(workspace, request_id)
        begun = ledger.append(
            PURGE_BEGUN,
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
    return Purge(table, tuple(plan.others))


def _take_away(workspace: Workspace, plan: Plan) -> None:
    """Do all of it, copies before what they are known by; each step may be done again."""
    forget_copies(workspace, plan.copies)
    for path in [*plan.tracked, *plan.pages, *plan.rest]:
        _remove(path)
    if (database := mlflow_file(workspace)) is not None:
        forget_runs(database, plan.runs)
        rewrite(database)
    forget_texts(workspace)
    _remove(results(workspace))
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
        without_rows(workspace.requests_csv(workspace.params()), plan.request_id)
    destroy_opening(workspace.state, plan.request_id)


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


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
