"""What a batch takes in, bound before it works on it: each request's row and picture, and its parameters."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from siu.audit.commitment import read_opening, write_opening
from siu.audit.committed import parameters_file
from siu.audit.events import COMMITTED, CONFIGURED
from siu.audit.request_rows import plain_row, row_in
from siu.config.public import public_params
from siu.data.intake.request_row import ReceivedRow
from siu.data.intake.requests import RequestTable
from siu.data.requests.taken import RecordRow
from siu.storage.digest import canonical_json
from siu.storage.durable import replace_text
from siu.storage.workspace import Workspace
from tasks.history import History
from tasks.job import Job


def commit_to_requests(job: Job, history: History, table: RequestTable) -> None:
    """Write keyed commitments to each request's picture and row, unless the ledger has those that fit."""
    workspace = job.workspace
    rows = {received.request_id: received for received in table.rows}
    for request in job.requests:
        content = request.image.read_bytes()
        row, place = _asked_for(workspace, rows[request.request_id])
        opening = read_opening(workspace.state, request.request_id)
        last = history.last(COMMITTED, request.request_id)
        if opening is not None and last == {
            "commitment": opening.commitment(content),
            "row": opening.commitment_to_row(row),
        }:
            continue
        opening = write_opening(
            workspace.state, request.request_id, _place(workspace, request.image), row, place
        )
        data = {"commitment": opening.commitment(content), "row": opening.commitment_to_row(row)}
        history.append(COMMITTED, request.request_id, data)


def keep_parameters(job: Job, history: History) -> None:
    """Keep a copy of a batch's parameters and bind it, unless the last batch had the same.

    Addresses are masked, as in all that others may see; ``params.yaml`` may be edited for the next batch.
    """
    text = canonical_json(public_params(job.params)) + "\n"
    digest = sha256(text.encode()).hexdigest()
    if history.last(CONFIGURED, "") == {"parameters": digest}:
        return
    file = parameters_file(job.workspace.state, digest)
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_text(file, text)
    history.append(CONFIGURED, "", {"parameters": digest})


def _asked_for(workspace: Workspace, received: ReceivedRow) -> tuple[dict[str, Any] | None, str]:
    """Return what a request asks for, and the file it stands in."""
    row = received.row
    if isinstance(row, RecordRow):
        records = workspace.request_records
        return row_in(records, received.request_id), _place(workspace, records)
    return plain_row(row.cells), _place(workspace, row.file)


def _place(workspace: Workspace, file: Path) -> str:
    """Return a file's path, relative to the workspace where it lies in it."""
    path, root = file.resolve(), workspace.root.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
