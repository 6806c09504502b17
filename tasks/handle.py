"""What the tasks of a batch are given and give back: ids, digests and seconds, and nothing else of a request.

Whatever runs the tasks may keep, show and send handles. What lies behind one is found by path and digest.
"""

from dataclasses import dataclass, field

from siu.errors import SiuError, StateError
from tasks.deadline import DEFERRED
from tasks.job import Job
from tasks.stage import Output
from tasks.subjects import Subject


@dataclass(frozen=True)
class Batch:
    """Which batch.

    Attributes:
        workspace: The workspace's folder.
        plan: Digest of the job; `tasks.runtime.place` finds the job by it.
    """

    workspace: str
    plan: str


@dataclass(frozen=True)
class Handle:
    """What came of one stage for one subject.

    Attributes:
        stage: The stage.
        subject: Whose.
        plan: Digest of the output; empty if there is none.
        skipped: Whether the output was there already.
        seconds: What the work took when it was done.
        goes_on: Whether there is anything to do after it: not for a concept that the model doesn't know.
        error: Why there is no output, or why nothing may follow; may quote names, so it is never shown.
        note: What did not go as wished without being an error; never shown either.
    """

    stage: str
    subject: Subject
    plan: str = ""
    skipped: bool = False
    seconds: float = 0.0
    goes_on: bool = True
    error: SiuError | None = field(default=None, repr=False)
    note: str = field(default="", repr=False)

    @property
    def stops_the_batch(self) -> bool:
        """Whether the batch was stopped or the workspace is unfit: no fault of the subject."""
        return isinstance(self.error, StateError)

    @property
    def state(self) -> str:
        """What came of it, in a word."""
        if self.error is not None:
            if self.error.code == DEFERRED:
                return "Deferred"
            return "Stopped" if self.stops_the_batch else "Quarantined"
        if not self.plan:
            return "Left out"
        return "Found" if self.skipped else "Done"

    def output(self, job: Job) -> Output:
        """Return where the output lies."""
        folder = job.store.root / self.stage / self.plan
        return Output(self.stage, self.plan, folder, self.skipped, self.seconds)


@dataclass(frozen=True)
class Results:
    """What came of a batch, once the ledger says it.

    Attributes:
        requests: The handles of each request's stages, in the order of the table.
        release: The joint adapter that was measured; None without a release.
        scores: The release's measurements per request.
    """

    requests: tuple[tuple[Handle, ...], ...] = ()
    release: Handle | None = None
    scores: tuple[Handle, ...] = ()


def handle_of(output: Output, subject: Subject) -> Handle:
    """Return the handle of what a stage left."""
    return Handle(output.stage, subject, output.digest, output.skipped, output.seconds)


def behind(stage: str, subject: Subject, before: tuple[Handle, ...]) -> Handle | None:
    """Return the handle of a stage that can't be done after what came before it; None if it can."""
    for handle in before:
        if handle.error is not None:
            return Handle(stage, subject, error=handle.error)
    if all(handle.goes_on for handle in before):
        return None
    return Handle(stage, subject, goes_on=False)
