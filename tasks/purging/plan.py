"""What a purge is to take away for one request, and what it doesn't reach; nothing is changed by asking."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from siu.audit.commitment import opening_file, read_opening
from siu.audit.entry import Entry
from siu.audit.events import PURGE_BEGUN
from siu.audit.ledger import Ledger
from siu.data.requests.life import today
from siu.errors import InputError
from siu.storage.workspace import Workspace
from tasks.purging import flow_runs
from tasks.purging.names import Traces, lines_about, traces_of_request
from tasks.purging.outputs import outputs_of, reports_of
from tasks.purging.pages import made_files_with, other_files_with, shared_pages
from tasks.purging.table import rows_of
from tasks.purging.tracking import artifacts_of_request, mlflow_file, runs_of_request
from tasks.purging.versions import copies_of, copies_with, md5s_below, other_remotes
from tasks.versioning.site_cache import FOLDER as SITE


@dataclass
class Plan:
    """What is to go for one request.

    Attributes:
        request_id: The request.
        traces: By what it is known in files.
        outputs: Published outputs, by key.
        reports: Folders of reports that tell of it.
        pages: Pages about all requests, and other files made by siu that show something of it.
        pictures: The picture that came with it.
        tracked: MLflow's files with answers or reports.
        runs: MLflow's runs of the request.
        copies: DVC's files.
        rest: Temporary files.
        rows: How many rows of the table and lines of the records are about it.
        key: The key of its picture's commitment, if it is there.
        texts: How many texts and results of runs Prefect has, of whatever request.
        has_site_cache: Whether DVC has a cache of paths and digests.
        others: Files of the operator that show something of it and stay.
        elsewhere: What this purge does not reach.
    """

    request_id: str
    traces: Traces = field(default_factory=Traces)
    outputs: dict[str, Path] = field(default_factory=dict)
    reports: list[Path] = field(default_factory=list)
    pages: list[Path] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    tracked: list[Path] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)
    rest: list[Path] = field(default_factory=list)
    rows: int = 0
    key: Path | None = None
    texts: int = 0
    has_site_cache: bool = False
    others: list[Path] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    @property
    def table(self) -> list[dict[str, Any]]:
        """What goes, by place; counts alone."""
        rows = [
            ("request's picture", "deleted", len(self.pictures)),
            ("row of the table of requests, its record", "removed", self.rows),
            ("key of the picture's commitment", "destroyed", int(self.key is not None)),
            ("fine-tuning data, adapter, answers, scorecards, findings", "deleted", len(self.outputs)),
            ("reports and summaries", "deleted", len(self.reports)),
            ("pages about several requests", "deleted, or made anew without names", len(self.pages)),
            ("MLflow's files", "deleted", len(self.tracked)),
            ("MLflow's runs", "rows deleted, database rewritten", len(self.runs)),
            ("Prefect's results, events, logs", "deleted, database rewritten", self.texts),
            ("DVC's cache, run cache, local remotes", "deleted", len(self.copies)),
            ("DVC's site cache", "deleted", int(self.has_site_cache)),
            ("temporary files and tracebacks", "deleted", len(self.rest)),
        ]
        if self.others:
            rows.append(
                ("files of the operator in the workspace that show it", "not reached", len(self.others))
            )
        rows += [(place, "not reached", 0) for place in self.elsewhere]
        return [{"place": place, "action": action, "count": count} for place, action, count in rows]


def plan_purge(workspace: Workspace, request_id: str) -> Plan:
    """Return what there is of a request; nothing is changed.

    Raises:
        InputError: ``E-PRG-001`` the ledger has no such request; ``E-CSV-…`` its row can't be taken out of
            the table.
        StateError: ``E-PRG-003`` a database can't be read.
    """
    entries = Ledger(workspace.ledger).entries()
    if not any(entry.request_id == request_id for entry in entries):
        what = f"the ledger has no request {request_id!r}"
        raise InputError("E-PRG-001", what, "`siu status` lists them", str(workspace.ledger))
    outputs = outputs_of(workspace, entries, request_id)
    for key in _begun(entries, request_id):
        if (workspace.artifacts / key).is_dir():
            outputs[key] = workspace.artifacts / key
    opening, key_file = read_opening(workspace.state, request_id), opening_file(workspace.state, request_id)
    picture = None if opening is None else workspace.root / opening.picture
    reports = reports_of(workspace, request_id)
    tracked = artifacts_of_request(workspace, [*outputs.values()], reports)
    pictures = [picture] if picture is not None and picture.is_file() else []
    traces = traces_of_request(workspace, request_id, picture)
    pages = sorted({*shared_pages(workspace), *made_files_with(workspace, traces)})
    table = workspace.requests_csv(workspace.params())
    going = [*outputs.values(), *reports, *pages, *pictures, *tracked, table, workspace.request_records]
    copies = copies_of(workspace, md5s_below(path for path in going if path.exists()))
    plan = Plan(
        request_id,
        traces,
        dict(sorted(outputs.items())),
        reports,
        [page for page in pages if page not in tracked and not any(map(page.is_relative_to, reports))],
        pictures,
        tracked,
        runs_of_request(workspace, request_id),
        [*copies, *copies_with(workspace, traces, copies)],
        _temporary(workspace, request_id),
        rows_of(table, request_id) + lines_about(workspace.request_records, request_id),
        key_file if key_file.is_file() else None,
        flow_runs.held(workspace),
        (workspace.root / SITE).is_dir(),
    )
    private = [table, workspace.request_records, workspace.state]  # purged line by line
    going = [*going, *plan.rest]
    plan.others = [
        file
        for file in other_files_with(workspace, traces)
        if not any(file.is_relative_to(place) for place in (*going, *private))
    ]
    plan.elsewhere = [
        *_backups(workspace),
        *flow_runs.elsewhere(workspace),
        *(["MLflow server: it keeps its own data"] if mlflow_file(workspace) is None else []),
        "git: dvc.lock of earlier commits holds digests of the table and of folders",
        *(
            f"DVC remote {name}: it is elsewhere; after this, `dvc gc --workspace --cloud --remote {name}` "
            "removes there what is no longer here"
            for name in other_remotes(workspace)
        ),
    ]
    return plan


def last_of(entries: Sequence[Entry], event: str, request_id: str) -> Entry | None:
    """Return a request's last entry of an event, or None."""
    matching = [entry for entry in entries if (entry.event, entry.request_id) == (event, request_id)]
    return matching[-1] if matching else None


def _begun(entries: Sequence[Entry], request_id: str) -> list[str]:
    begun = last_of(entries, PURGE_BEGUN, request_id)
    return [] if begun is None else list(begun.data.get("dropped", ()))


def _backups(workspace: Workspace) -> list[str]:
    """Return a line per backup, with the day on which its last set with the request's data expires."""
    backups = [text.rpartition("=") for text in workspace.params().policy.backups]
    if not backups:
        return ["backups of this machine: not known here; name them in policy.backups"]
    return [
        f"backup {name}: its last set with these data expires on {today() + timedelta(int(days))}"
        for name, _, days in backups
    ]


def _temporary(workspace: Workspace, request_id: str) -> list[Path]:
    """Return what work has left beside its outputs."""
    places = [workspace.state / "tracebacks" / f"{request_id}.txt", workspace.artifacts / ".staging"]
    places += [*(workspace.tracking / "live").glob("*"), *(workspace.state / "plans").glob("*")]
    return [place for place in places if place.exists()]
