"""A request that is withdrawn while a worker is at it stops between two steps of that work."""

from collections.abc import Sequence
from pathlib import Path

from siu.errors import ConceptError
from siu.storage.workspace import Workspace
from tasks.handle import Batch, Handle
from tasks.job import Job
from tasks.requests import withdrawn_ids
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage, publish
from tasks.subjects import Release, Subject

WITHDRAWN = "E-REQ-027"


def refuse_withdrawn(workspace: Workspace, subject: Subject) -> None:
    """Refuse to work on for a request that was withdrawn, or for a release that has one.

    Raises:
        ConceptError: ``E-REQ-027`` names the first such request.
    """
    withdrawn = withdrawn_ids(workspace)
    for request_id in _requests_of(subject):
        if request_id in withdrawn:
            remedy = "Nothing is to be done; the next batch leaves it out"
            raise ConceptError(WITHDRAWN, "the request was withdrawn", remedy, f"request {request_id}")


def still_wanted(batch: Batch, handles: Sequence[Handle]) -> list[Handle]:
    """Return the handles of requests that were not withdrawn."""
    withdrawn = withdrawn_ids(Workspace(Path(batch.workspace)))
    return [handle for handle in handles if handle.subject not in withdrawn]


def publish_unless_withdrawn(stage: Stage, job: Job, subject: Subject, on_progress: OnProgress) -> Path:
    """Do a stage's work and publish it; nothing is left of it if a request is withdrawn meanwhile.

    Raises:
        ConceptError: See `refuse_withdrawn`.
    """
    file = job.workspace.request_records
    known = _stamp(file)

    def watched(done: int, total: int) -> None:
        nonlocal known
        if (stamp := _stamp(file)) != known:
            known = stamp
            refuse_withdrawn(job.workspace, subject)
        on_progress(done, total)

    return publish(stage, job, subject, watched)


def _requests_of(subject: Subject) -> tuple[str, ...]:
    if isinstance(subject, Release):
        return subject.request_ids
    return (subject,) if isinstance(subject, str) else ()


def _stamp(file: Path) -> tuple[int, int]:
    """Return what tells whether a file was written meanwhile; it is only ever appended to."""
    if not file.is_file():
        return (0, 0)
    state = file.stat()
    return (state.st_mtime_ns, state.st_size)
