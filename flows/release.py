"""The release of a batch: trained beside the concepts, measured behind them."""

from collections.abc import Sequence

from flows.explained import explained
from flows.running import Running
from siu.errors import StateError
from tasks.answers import RETAINED
from tasks.deploy import deploy
from tasks.outcome import Outcome, Released
from tasks.release import RELEASE, members, release_of
from tasks.released import RELEASED, RELEASED_ANSWERS, subject_of
from tasks.stage import Output

RELEASE_ROW = "release"


def train_release(running: Running) -> Output | None:
    """Train the joint adapter as soon as it is known which requests are candidates.

    It needs their data only, so it doesn't wait for the evaluation of the single concepts. Should one of them
    be quarantined after all, or this training fail, `release` trains another adapter.

    Raises:
        StateError: The batch was stopped, or the workspace is unfit.
    """
    ids = running.candidates.wait()
    if not ids or not running.releases:
        return None
    running.display.row(RELEASE_ROW, 2 * (len(ids) + 1))
    try:
        return running.do(RELEASE, release_of(ids), RELEASE_ROW)
    except StateError:
        raise
    except Exception as error:  # noqa: BLE001  # `release` meets it again, when no concept can be taken with it
        reason = explained(error, running.job.workspace, RELEASE_ROW)
        running.display.finish(RELEASE_ROW, f"not trained: {reason}")
        return None


def release(running: Running, outcomes: Sequence[Outcome], trained: Output | None) -> Released | None:
    """Measure the joint adapter on each concept that was unlearned, and deploy it.

    Raises:
        ConceptError: It can't be trained.
        ModelError: What it is measured with can't be used.
        StateError: The batch was stopped, or the workspace is unfit.
    """
    ids = tuple(outcome.request_id for outcome in outcomes if outcome.unlearned)
    if not ids:
        return None
    subject = release_of(ids)
    parts = [subject_of(subject, part) for part in (RETAINED, *ids)]
    if trained is None or trained.digest != RELEASE.digest(running.job, subject):
        running.display.row(RELEASE_ROW, 2 * len(parts))
        trained = running.do(RELEASE, subject, RELEASE_ROW)
    at_once = running.scheduler.side_by_side
    at_once("ask", lambda part: running.do(RELEASED_ANSWERS, part, RELEASE_ROW), parts)
    measured = at_once("score", lambda part: running.do(RELEASED, part, RELEASE_ROW), parts[1:])
    released = Released(subject, trained, dict(zip(ids, measured, strict=True)))
    released.assess(running.job)
    deploy(running.job, released)
    is_new = not all(output.skipped for output in (trained, *measured))
    _note(running, released, is_new)
    running.display.finish(RELEASE_ROW, "trained and measured" if is_new else "found")
    return released


def _note(running: Running, released: Released, is_new: bool) -> None:
    """Write into the ledger which verdict each request has in the release that is deployed."""
    for request_id in members(released.subject):
        verdict = released.verdicts[request_id]
        data = {
            "plan": released.output.digest,
            "verdict": verdict.verdict,
            "assurance": verdict.assurance,
        }
        running.history.note("released", request_id, data, is_new=is_new)
