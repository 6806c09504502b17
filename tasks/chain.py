"""The tasks of a batch as Prefect runs them: one per stage, from handles to a handle.

An error is a returned value: it takes its own subject out and never the flow. Prefect's caching is off and
nothing is persisted: whether work is skipped is decided by the plan digest alone (`tasks.stage`), and Prefect
keeps ids, states and the codes of errors.

A task runs in whatever process it is sent to, so it keeps nothing itself; `tasks.runtime.place` knows it.
"""

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any, ParamSpec

from prefect import Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.answers import BEFORE
from tasks.attack import ATTACK
from tasks.closing import RECORD_DELAY, RECORD_RETRIES, not_recorded, recorded, reported, versioned
from tasks.construct import CONSTRUCT
from tasks.evaluate import EVALUATE
from tasks.handle import Batch, Handle, Results, behind
from tasks.release import RELEASE
from tasks.released import RELEASED
from tasks.released_answers import RELEASED_ANSWERS
from tasks.replay import REPLAY
from tasks.settle import RETRIES, deferred, deployed, passed_on, settle, verdict, with_knowledge, worker_died
from tasks.subjects import Release, ReleasePart, Retained
from tasks.unlearn import UNLEARN
from tasks.withdrawal import WITHDRAWN, still_wanted

P = ParamSpec("P")


def stage_task(
    function: Callable[P, Handle],
    retries: int = RETRIES,
    delay: float = 0,
    is_worth_it: Callable[..., bool] = worker_died,
) -> Task[P, Any]:
    """Make a function that returns a handle a Prefect task whose state says what came of it.

    Args:
        function: What the task does.
        retries: How often Prefect tries again.
        delay: Seconds before it does.
        is_worth_it: Whether a failure is worth another try.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> State[Any]:
        handle = function(*args, **kwargs)
        return Completed(name=handle.state, message=handle.error and handle.error.code, data=handle)

    name = function.__name__.replace("_", "-")
    subject = "{subject}" if "subject" in function.__code__.co_varnames else ""
    made: Task[P, Any] = task(
        name=name,
        task_run_name=f"{name} {subject}".strip(),
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=retries,
        retry_delay_seconds=delay,
        retry_condition_fn=is_worth_it,
    )(run)
    return made


@stage_task
def construct(batch: Batch, subject: str) -> Handle:
    """Make the fine-tuning data of a request."""
    return settle(CONSTRUCT, batch, subject)


@stage_task
def before(batch: Batch, subject: str | Retained, data: Handle | None = None) -> Handle:
    """Ask the base model about a request, or about everything that must stay."""
    return with_knowledge(batch, settle(BEFORE, batch, subject, data))


@stage_task
def unlearn(batch: Batch, subject: str, known: Handle) -> Handle:
    """Train the adapter that forgets one request, unless it is too late to begin with it."""
    return deferred(batch, known) or settle(UNLEARN, batch, subject, known)


@stage_task
def evaluate(batch: Batch, subject: str, adapter: Handle, retained: Handle) -> Handle:
    """Ask the unlearned model everything and score it."""
    return settle(EVALUATE, batch, subject, adapter, retained)


@stage_task
def attack(batch: Batch, subject: str, measured: Handle) -> Handle:
    """Try to bring a forgotten concept back."""
    return settle(ATTACK, batch, subject, measured)


@stage_task
def assess(batch: Batch, subject: str, stages: Sequence[Handle]) -> Handle:
    """Hold what was measured on a request against the gates."""
    return verdict(batch, subject, stages)


@stage_task
def train_release(batch: Batch, known: Sequence[Handle]) -> Handle:
    """Train the joint adapter on all candidates: it needs their data only, and waits for no evaluation."""
    return settle(RELEASE, batch, _release(known))


@stage_task
def release(batch: Batch, early: Handle, verdicts: Sequence[Handle]) -> Handle:
    """Take the adapter that was trained early, or train another where a candidate was quarantined since."""
    for handle in verdicts:
        if handle.stops_the_batch:  # a release without that request would take the place of one with it
            return Handle(RELEASE.name, _release(verdicts), error=handle.error)
    while True:
        wanted = _release(still_wanted(batch, verdicts))
        trained = passed_on(batch, early, wanted) or settle(RELEASE, batch, wanted)
        if trained.error is None or trained.error.code != WITHDRAWN:  # else once more, without that request
            return trained


@stage_task
def released_answers(batch: Batch, subject: str | Retained, adapter: Handle) -> Handle:
    """Ask the release about one of its requests, or about everything that must stay."""
    return settle(RELEASED_ANSWERS, batch, ReleasePart(_subject(adapter), subject), adapter)


@stage_task
def released(batch: Batch, subject: str, answers: Handle, retained: Handle) -> Handle:
    """Score and attack the release on one of its requests."""
    return settle(RELEASED, batch, ReleasePart(_subject(retained), subject), answers, retained)


@stage_task
def replay(batch: Batch, adapter: Handle, answers: Sequence[Handle], scores: Sequence[Handle]) -> Handle:
    """Put recorded questions again to the release as others load it."""
    errors = [handle for handle in (*answers, *scores) if handle.error is not None]
    return settle(REPLAY, batch, _subject(adapter), adapter, *errors)


@stage_task
def deploy(batch: Batch, adapter: Handle, scores: Sequence[Handle], replayed: Handle) -> Handle:
    """Put the release where people find it."""
    return behind("deploy", _subject(adapter), (adapter, replayed)) or deployed(batch, adapter, scores)


@stage_task
def report(batch: Batch, results: Results) -> Handle:
    """Write the report of a batch, its summary, and the metrics that DVC compares."""
    return reported(batch, results)


@partial(stage_task, retries=RECORD_RETRIES, delay=RECORD_DELAY, is_worth_it=not_recorded)
def record(batch: Batch, results: Results, written: Handle) -> Handle:
    """Close the batch's runs in MLflow."""
    return recorded(batch, results, written)


@stage_task
def version(batch: Batch, written: Handle | None) -> Handle:
    """Commit to DVC what the batch left."""
    return versioned(batch, written)


WITH_MODEL = frozenset(
    asking.name
    for asking in (
        before,
        unlearn,
        evaluate,
        attack,
        train_release,
        release,
        released_answers,
        released,
        replay,
    )
)
"""The tasks that use the model, so that a cluster sets GPUs aside for them."""


def _release(handles: Sequence[Handle]) -> Release:
    """Return the release of all requests that nothing speaks against."""
    taken = (handle for handle in handles if handle.error is None and handle.goes_on)
    return Release(tuple(str(handle.subject) for handle in taken))


def _subject(handle: Handle) -> Release:
    """Return the release that a handle is of."""
    subject = handle.subject
    return subject.release if isinstance(subject, ReleasePart) else subject  # type: ignore[return-value]
