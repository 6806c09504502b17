"""A request's purge: planned, written into the ledger, done, and told in the certificate.

What is to go is written into the ledger before anything is taken away, so a purge that was killed is ended by
the same command. Running it again on a purged request does nothing.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from siu.audit.commitment import opening_file, read_opening
from siu.audit.entry import Entry
from siu.audit.ledger import Ledger
from siu.errors import InputError
from siu.storage.workspace import Workspace
from tasks.certify import certificate_file, certify, certify_purge
from tasks.deploy import latest_release
from tasks.purging.databases import PREFECT, forget_rows, forget_runs, rewrite
from tasks.purging.outputs import outputs_of, reports_of
from tasks.purging.table import without_row
from tasks.purging.tracking import artifacts_of_request, runs_of_request
from tasks.purging.versions import copies_of, forget_copies, md5s_below, other_remotes
from tasks.seal import seal
from tasks.versioning.commit import commit

BEGUN, PURGED = "purge_begun", "purged"
BRINGS_BACK = ("committed", "constructed")
"""Events behind a purge that show that the request was put in again."""


@dataclass
class Plan:
    """What is to go for one request.

    Attributes:
        request_id: The request.
        outputs: Published outputs, by key.
        reports: Folders of reports that tell of it.
        pictures: The picture that came with it.
        tracked: MLflow's files with answers or reports.
        runs: MLflow's runs of the request.
        copies: DVC's files.
        rest: Temporary files.
        elsewhere: What this purge does not reach.
    """

    request_id: str
    outputs: dict[str, Path] = field(default_factory=dict)
    reports: list[Path] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    tracked: list[Path] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)
    rest: list[Path] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    @property
    def table(self) -> list[dict[str, Any]]:
        """What goes, by place; counts alone."""
        rows = (
            ("request's picture", "deleted", len(self.pictures)),
            ("row of the table of requests", "removed", 1),
            ("key of the picture's commitment", "destroyed", 1),
            ("fine-tuning data, adapter, answers, scorecards, findings", "deleted", len(self.outputs)),
            ("reports and summaries", "deleted", len(self.reports)),
            ("MLflow's files", "deleted", len(self.tracked)),
            ("MLflow's runs", "rows deleted, database rewritten", len(self.runs)),
            ("Prefect's results, events, logs", "deleted, database rewritten", 1),
            ("DVC's cache, run cache, local remotes", "deleted", len(self.copies)),
            ("DVC's site cache", "deleted", 1),
            ("temporary files and tracebacks", "deleted", len(self.rest)),
            *((place, "not reached", 0) for place in self.elsewhere),
        )
        return [{"place": place, "action": action, "count": count} for place, action, count in rows]


def plan_purge(workspace: Workspace, request_id: str) -> Plan:
    """Return what there is of a request; nothing is changed.

    Raises:
        InputError: ``E-PRG-001`` the ledger has no such request.
    """
    entries = Ledger(workspace.ledger).entries()
    if not any(entry.request_id == request_id for entry in entries):
        what = f"the ledger has no request {request_id!r}"
        raise InputError("E-PRG-001", what, "`siu status` lists them", str(workspace.ledger))
    outputs = outputs_of(workspace, entries, request_id)
    for key in _begun(entries, request_id):
        if (workspace.artifacts / key).is_dir():
            outputs[key] = workspace.artifacts / key
    opening = read_opening(workspace.state, request_id)
    picture = None if opening is None else workspace.root / opening.picture
    reports = reports_of(workspace, request_id)
    tracked = artifacts_of_request(workspace, [*outputs.values()], reports)
    pictures = [picture] if picture is not None and picture.is_file() else []
    going = [*outputs.values(), *reports, *pictures, *tracked, workspace.requests_csv(workspace.params())]
    plan = Plan(
        request_id,
        dict(sorted(outputs.items())),
        reports,
        pictures,
        tracked,
        runs_of_request(workspace, request_id),
        copies_of(workspace, md5s_below(path for path in going if path.exists())),
        _temporary(workspace, request_id),
    )
    plan.elsewhere = [
        "backups of this machine: not known here; list them with the day the last one expires",
        "git: dvc.lock of earlier commits holds digests of the table and of folders",
        *(f"DVC remote {name}: it is on another machine" for name in other_remotes(workspace)),
    ]
    return plan


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
    done, begun = (_last(entries, event, request_id) for event in (PURGED, BEGUN))
    if done is not None and begun is not None and begun.seq < done.seq:
        begun = None  # of the purge that was ended
    if done is not None and begun is None and _is_purged(entries, request_id):
        table: list[dict[str, Any]] = done.data["table"]
        return table
    if begun is None:
        certificate = _certificates(workspace, request_id)
        begun = ledger.append(
            BEGUN,
            request_id,
            {"dropped": list(plan.outputs), "table": plan.table, "certificate": certificate.name},
        )
    else:
        certificate = workspace.root / "certificates" / str(begun.data["certificate"])
    _take_away(workspace, plan)
    table = begun.data["table"]
    ledger.append(PURGED, request_id, {"table": table, "dropped": begun.data["dropped"]})
    seal(workspace)
    certify_purge(workspace, certificate, "purge", table)
    return table


def _take_away(workspace: Workspace, plan: Plan) -> None:
    """Do all of it, copies before what they are known by; each step may be done again."""
    forget_copies(workspace, plan.copies)
    forget_runs(workspace.mlflow_database, plan.runs)
    rewrite(workspace.mlflow_database)
    for path in [*plan.tracked, *plan.pictures, *plan.rest]:
        _remove(path)
    forget_rows(workspace.prefect_home / "prefect.db", PREFECT)
    _remove(workspace.prefect_home / "storage")
    for path in [*plan.reports, *plan.outputs.values()]:
        _remove(path)
    table = workspace.requests_csv(workspace.params())
    without_row(table, plan.request_id)
    _remove(opening_file(workspace.state, plan.request_id))
    (workspace.root / "metrics/summary.json").unlink(missing_ok=True)
    commit(workspace)
    _remove(workspace.root / ".dvc-site")


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


def due_by_policy(workspace: Workspace) -> list[str]:
    """Return the requests of the deployed release that the policy purges and that are not purged yet.

    Raises:
        InputError: ``E-PRG-002`` the policy keeps them, or nothing is released.
    """
    policy = workspace.params().policy.after_release
    if policy != "purge":
        remedy = "Name a request, or set policy.after_release: purge"
        raise InputError("E-PRG-002", f"policy.after_release is {policy}", remedy, str(workspace.params_file))
    release = latest_release(workspace)
    if release is None:
        raise InputError("E-PRG-002", "nothing is released yet", "Run `siu batch`", str(workspace.root))
    entries = Ledger(workspace.ledger).entries()
    return [one for one in sorted(release.verdicts()) if not _is_purged(entries, one)]


def _is_purged(entries: Sequence[Entry], request_id: str) -> bool:
    own = [entry.event for entry in entries if entry.request_id == request_id]
    return PURGED in own and not set(BRINGS_BACK) & set(own[len(own) - own[::-1].index(PURGED) :])


def _begun(entries: Sequence[Entry], request_id: str) -> list[str]:
    begun = _last(entries, BEGUN, request_id)
    return [] if begun is None else list(begun.data.get("dropped", ()))


def _last(entries: Sequence[Entry], event: str, request_id: str) -> Entry | None:
    matching = [entry for entry in entries if (entry.event, entry.request_id) == (event, request_id)]
    return matching[-1] if matching else None


def _temporary(workspace: Workspace, request_id: str) -> list[Path]:
    """Return what work has left beside its outputs."""
    places = [workspace.state / "tracebacks" / f"{request_id}.txt", workspace.artifacts / ".staging"]
    places += [*(workspace.tracking / "live").glob("*"), *(workspace.state / "plans").glob("*")]
    return [place for place in places if place.exists()]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
