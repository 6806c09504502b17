"""How one request goes through the stages, and how a batch's release follows.

Prefect sees each stage as a task without parameters: it schedules and shows, it keeps no name and no picture,
and it decides no skip.
"""

import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.display import Display
from flows.schedulers import Scheduler
from siu.audit.ledger import Ledger
from siu.errors import ConceptError, SiuError, StateError
from siu.verdict import Verdict
from tasks.answers import BEFORE, RETAINED
from tasks.attack import ATTACK
from tasks.construct import CONSTRUCT
from tasks.deploy import deploy
from tasks.evaluate import EVALUATE
from tasks.job import Job
from tasks.outcome import Outcome, Released
from tasks.release import RELEASE, release_of
from tasks.released import RELEASED, RELEASED_ANSWERS, subject_of
from tasks.stage import Output, Stage, perform
from tasks.unlearn import UNLEARN
from tasks.workers import Runner

BASE, RELEASE_ROW = "base model", "release"
CONCEPT_STAGES = (CONSTRUCT, BEFORE, UNLEARN, EVALUATE, ATTACK)
EVENTS = {"construct": "constructed", "unlearn": "unlearned", "evaluate": "evaluated", "attack": "attacked"}


@dataclass
class Running:
    """A batch under way.

    Attributes:
        job: What is to be done.
        runner: Where stages work.
        ledger: Where every change of a request's state is written.
        display: Where progress is shown.
        scheduler: Runs steps, several at the same time.
        until: Name of the last stage to be done.
    """

    job: Job
    runner: Runner
    ledger: Ledger
    display: Display
    scheduler: Scheduler
    until: str = "report"
    retained: threading.Event = field(default_factory=threading.Event)

    def do(self, stage: Stage, subject: str, row: str) -> Output:
        """Do one stage for a subject, or find it done."""
        on_progress = self.display.stage(row, stage.name)
        output = self.scheduler.step(
            f"{stage.name} {subject}",
            lambda: perform(stage, self.job, subject, self.runner, on_progress),
        )
        text = f"{stage.name} found" if output.skipped else f"{stage.name} {output.seconds:.1f} s"
        self.display.done(row, text, output.skipped)
        return output


def ask_base_model(running: Running) -> None:
    """Put the questions about everything that must stay to the base model: once, for all concepts."""
    try:
        running.display.row(BASE, 1)
        running.do(BEFORE, RETAINED, BASE)
        running.display.finish(BASE, "asked")
    finally:
        running.retained.set()


def forget(running: Running, request_id: str) -> Outcome:
    """Take one request through construct, unlearn, evaluate and attack to its verdict.

    An error quarantines the request and is part of its outcome; other requests go on.
    """
    outcome = Outcome(request_id)
    running.display.row(request_id, len(CONCEPT_STAGES))
    try:
        for stage in CONCEPT_STAGES:
            _step(running, outcome, stage)
            if stage.name == running.until:
                running.display.finish(request_id, stage.name)
                return outcome
            if stage is BEFORE and _unknown(running, outcome):
                break
        verdict = outcome.decide(running.job)
    except StateError:
        raise  # the batch was stopped, or the workspace is unfit: no fault of this request
    except Exception as error:  # noqa: BLE001  # whatever happens to one concept must not take others with it
        _quarantine(running, outcome, error)
        return outcome
    _close(running, outcome, verdict)
    return outcome


def _unknown(running: Running, outcome: Outcome) -> bool:
    """Return whether the base model doesn't know the concept, so that there is nothing to unlearn."""
    return outcome.known is not None and outcome.known < running.job.params.gates.known


def _step(running: Running, outcome: Outcome, stage: Stage) -> None:
    if stage is EVALUATE:
        running.retained.wait()
    output = running.do(stage, outcome.request_id, outcome.request_id)
    outcome.outputs[stage.name] = output
    if not output.skipped and stage.name in EVENTS:
        running.ledger.append(EVENTS[stage.name], outcome.request_id, {"plan": output.digest})


def _close(running: Running, outcome: Outcome, verdict: Verdict) -> None:
    data = {"verdict": verdict.verdict, "plan": [output.digest for output in outcome.outputs.values()][-1]}
    running.ledger.append("skipped" if outcome.skipped else "verdict", outcome.request_id, data)
    found = " (found, nothing to do)" if outcome.skipped else ""
    running.display.finish(outcome.request_id, f"{verdict.verdict}{found}")


def _quarantine(running: Running, outcome: Outcome, error: Exception) -> None:
    if not isinstance(error, SiuError):
        place = running.job.workspace.state / "tracebacks" / f"{outcome.request_id}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        error = ConceptError(
            "E-RUN-003", f"an unexpected {type(error).__name__}: {error}", f"See {place}", outcome.request_id
        )
    outcome.error = error
    running.ledger.append("quarantined", outcome.request_id, {"code": error.code})
    running.display.finish(outcome.request_id, f"quarantined: {error}")


def release(running: Running, outcomes: Sequence[Outcome]) -> Released | None:
    """Train the one adapter of all concepts that were unlearned, and measure it on each of them."""
    ids = tuple(outcome.request_id for outcome in outcomes if outcome.unlearned)
    if not ids:
        return None
    subject = release_of(ids)
    parts = [subject_of(subject, part) for part in (RETAINED, *ids)]
    running.display.row(RELEASE_ROW, 2 * len(parts))
    released = Released(subject, running.do(RELEASE, subject, RELEASE_ROW))
    at_once = running.scheduler.side_by_side
    at_once("ask the release", lambda part: running.do(RELEASED_ANSWERS, part, RELEASE_ROW), parts)
    measured = at_once("score the release", lambda part: running.do(RELEASED, part, RELEASE_ROW), parts[1:])
    released.parts = dict(zip(ids, measured, strict=True))
    deploy(running.job, released)
    if not all(output.skipped for output in (released.output, *measured)):
        for request_id in ids:
            running.ledger.append("released", request_id, {"plan": released.output.digest})
    running.display.finish(RELEASE_ROW, "found" if released.output.skipped else "trained and measured")
    return released
