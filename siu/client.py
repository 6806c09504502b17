"""What a workspace holds, read by a program: no Prefect, no MLflow, no model."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siu.audit.ledger import Ledger
from siu.config.service import PolicyParams
from siu.data.releases import ReleaseRow, release_rows
from siu.data.requests.life import request_states
from siu.errors import InputError, StateError
from siu.storage.workspace import Workspace

REPORT = "report.html"
REDACTED = "report-redacted.html"
SUMMARY = "summary.json"
_LATEST = "latest.json"


@dataclass(frozen=True)
class RequestState:
    """What came last of a request, from the ledger.

    Attributes:
        request_id: The opaque id.
        state: The last event that changed something.
        since: Its time, UTC.
        verdict: The last verdict; None while there is none.
        assurance: How hard it was tested; None where an earlier version wrote none.
        code: Why it is in quarantine; None elsewhere.
    """

    request_id: str
    state: str
    since: str
    verdict: str | None = None
    assurance: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class DeployedRelease:
    """The release that is deployed.

    Attributes:
        plan: Its plan digest.
        adapter: The PEFT folder.
    """

    plan: str
    adapter: Path


class Client:
    """Reads a workspace; nothing is written, and nothing is computed anew.

    Args:
        workspace: Its folder or one below it; None: the current one.

    Raises:
        InputError: ``E-WSP-001`` there is no workspace.
    """

    def __init__(self, workspace: Workspace | Path | str | None = None) -> None:
        if not isinstance(workspace, Workspace):
            workspace = Workspace.find(Path(workspace) if workspace else None)
        self.workspace: Workspace = workspace

    def requests(self) -> list[RequestState]:
        """Return what came last of each request, in order of arrival.

        Raises:
            StateError: The ledger is broken (`siu.audit.ledger.Ledger.verify`).
        """
        entries = Ledger(self.workspace.ledger).entries()
        states = request_states(entries, PolicyParams())  # the policy decides due days alone
        return [
            RequestState(
                state.request_id, state.event, state.since, state.verdict, state.assurance, state.code
            )
            for state in states.values()
        ]

    def release(self) -> DeployedRelease | None:
        """Return the deployed release, or None; that its files are unchanged is checked by `siu verify`.

        Raises:
            StateError: ``E-API-003`` the file that names it can't be read.
        """
        file = self.workspace.models / _LATEST
        if not file.is_file():
            return None
        try:
            latest = json.loads(file.read_text(encoding="utf-8"))
            return DeployedRelease(str(latest["plan"]), self.workspace.models / latest["folder"])
        except (OSError, ValueError, TypeError, KeyError) as error:
            what = f"{_LATEST} can't be read ({type(error).__name__})"
            raise StateError("E-API-003", what, "Run `siu verify`", str(file)) from error

    def releases(self) -> list[ReleaseRow]:
        """Return all releases of the ledger, the newest first: deployed, waiting, replaced or taken back.

        Raises:
            StateError: The ledger is broken, or ``E-API-003`` the file that names the release is.
        """
        deployed = self.release()
        plan = None if deployed is None else deployed.plan
        return release_rows(list(Ledger(self.workspace.ledger).entries()), plan)

    def batches(self) -> list[str]:
        """Return the ids of the batches that have a report, the newest last."""
        folders = [path for path in self.workspace.reports.glob("*") if (path / REPORT).is_file()]
        return [path.name for path in sorted(folders, key=lambda path: (path / REPORT).stat().st_mtime)]

    def report(self, batch: str | None = None, *, redacted: bool = False) -> Path:
        """Return a batch's report, by default the newest batch's.

        Raises:
            StateError: ``E-RUN-006`` there is none.
        """
        return self.report_file(REDACTED if redacted else REPORT, batch)

    def summary(self, batch: str | None = None) -> dict[str, Any]:
        """Return all numbers of a batch, by default of the newest (docs/reference/summary.md).

        Raises:
            StateError: ``E-RUN-006`` there is none.
        """
        text = self.report_file(SUMMARY, batch).read_text(encoding="utf-8")
        summary: dict[str, Any] = json.loads(text)
        return summary

    def scorecard(self, request_id: str, batch: str | None = None) -> dict[str, Any]:
        """Return what was measured of a request: of the release where it is in one, else of its own adapter.

        Returns:
            ``verdict``, ``assurance``, ``reasons``, ``gates``, ``before``, ``after``, ``intervals``,
            ``findings`` and more (docs/reference/summary.md); a request in quarantine has no numbers.

        Raises:
            StateError: ``E-RUN-006`` there is no such batch.
            InputError: ``E-API-004`` the batch has no such request.
        """
        summary = self.summary(batch)
        for entry in (*(summary["release"] or {"concepts": []})["concepts"], *summary["concepts"]):
            if entry["request_id"] == request_id:
                measured: dict[str, Any] = entry
                return measured
        what = f"batch {summary['batch_id']} has no request {request_id!r}"
        raise InputError("E-API-004", what, "Use an id of `Client.requests()`, or name another batch")

    def findings(self, request_id: str, batch: str | None = None) -> list[dict[str, Any]]:
        """Return what each attack found on the adapter that `scorecard` is about; none in quarantine.

        Raises:
            StateError: ``E-RUN-006`` there is no such batch.
            InputError: ``E-API-004`` the batch has no such request.
        """
        findings: list[dict[str, Any]] = self.scorecard(request_id, batch).get("findings", [])
        return findings

    def adapters(self, batch: str | None = None) -> dict[str, Path]:
        """Return the folder of each request's own adapter, by request id; none where no batch has a report.

        They aren't deployed: the release is.
        """
        if not self.batches():
            return {}
        plans = {entry["request_id"]: entry.get("plan", {}) for entry in self.summary(batch)["concepts"]}
        folders = {
            request_id: self.workspace.artifacts / "unlearn" / plan["unlearn"] / "adapter"
            for request_id, plan in plans.items()
            if "unlearn" in plan
        }
        return {request_id: folder for request_id, folder in folders.items() if folder.is_dir()}

    def report_file(self, name: str, batch: str | None = None) -> Path:
        """Return a file of a batch's report by its name, by default of the newest batch that has it.

        Raises:
            StateError: ``E-RUN-006`` there is none.
        """
        reports = self.workspace.reports
        pattern = f"{batch}/{name}" if batch else f"*/{name}"
        files = sorted(reports.glob(pattern), key=lambda path: path.stat().st_mtime)
        if not files:
            what = f"there is no report of batch {batch!r}" if batch else "there is no report yet"
            raise StateError("E-RUN-006", what, "Run `siu batch`", str(reports))
        return files[-1]
