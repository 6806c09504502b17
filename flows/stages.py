"""How one request goes through the stages.

Prefect sees each stage as a task without parameters: it schedules and shows, it keeps no name and no picture,
and it decides no skip.
"""

from flows.explained import explained
from flows.running import Running
from siu.errors import ConceptError, SiuError, StateError
from siu.verdict import Verdict
from tasks.answers import BEFORE, RETAINED
from tasks.attack import ATTACK
from tasks.construct import CONSTRUCT
from tasks.evaluate import EVALUATE
from tasks.outcome import Outcome
from tasks.stage import Stage
from tasks.unlearn import UNLEARN

BASE = "base model"
CONCEPT_STAGES = (CONSTRUCT, BEFORE, UNLEARN, EVALUATE, ATTACK)
EVENTS = {"construct": "constructed", "unlearn": "unlearned", "evaluate": "evaluated", "attack": "attacked"}


def ask_base_model(running: Running) -> SiuError | None:
    """Put the questions about everything that must stay to the base model: once, for all concepts.

    Returns:
        Why that failed, or None. The requests that wait for the answers are given the same reason.

    Raises:
        StateError: The batch was stopped, or the workspace is unfit.
    """
    try:
        running.display.row(BASE, 1)
        running.do(BEFORE, RETAINED, BASE)
    except Exception as error:  # whatever happens, nobody may wait for ever
        reason = explained(error, running.job.workspace, BASE)
        running.retained.set_exception(reason)
        if isinstance(reason, StateError):
            raise
        running.display.finish(BASE, f"not asked: {reason}")
        return reason
    running.retained.set_result(None)
    running.display.finish(BASE, "asked")
    return None


def forget(running: Running, request_id: str) -> Outcome:
    """Take one request through construct, unlearn, evaluate and attack to its verdict.

    An error quarantines the request and is part of its outcome; other requests go on.
    """
    outcome = _forget(running, request_id)
    if running.runs is not None:
        running.runs.finish(outcome)
    return outcome


def _forget(running: Running, request_id: str) -> Outcome:
    outcome = Outcome(request_id)
    running.display.row(request_id, len(CONCEPT_STAGES))
    try:
        for stage in CONCEPT_STAGES:
            _step(running, outcome, stage)
            if stage.name == running.until:
                running.display.finish(request_id, stage.name)
                return outcome
            if stage is BEFORE:
                is_known = _known(running, outcome)
                running.candidates.settle(request_id, is_known)
                if not is_known:
                    break
        verdict = outcome.assess(running.job)
    except StateError:
        raise  # the batch was stopped, or the workspace is unfit: no fault of this request
    except Exception as error:  # noqa: BLE001  # whatever happens to one concept must not take others with it
        _quarantine(running, outcome, error)
        return outcome
    finally:
        running.candidates.settle(request_id, False)
    _close(running, outcome, verdict)
    return outcome


def _known(running: Running, outcome: Outcome) -> bool:
    """Return whether the base model knows the concept; also where that was not measured.

    Raises:
        ConceptError: ``E-REQ-011`` the model gives the request's picture another concept's name.
    """
    known = outcome.knowledge
    if known.picture_named and not running.job.request(outcome.request_id).force:
        raise ConceptError(
            "E-REQ-011",
            f"the base model calls this picture “{known.picture_named}”: did you mean that concept?",
            "Correct the name or the picture; if both are right, set `force`",
            f"request {outcome.request_id}",
        )
    return known.state(running.job.params.gates.known) == "known"


def _step(running: Running, outcome: Outcome, stage: Stage) -> None:
    if stage is EVALUATE:
        running.retained.result()
    output = running.do(stage, outcome.request_id, outcome.request_id)
    outcome.outputs[stage.name] = output
    if stage.name in EVENTS:
        data = {"plan": output.digest}
        running.history.note(EVENTS[stage.name], outcome.request_id, data, is_new=not output.skipped)


def refuse(running: Running) -> tuple[Outcome, ...]:
    """Quarantine the requests that can't be served as they are written; no other request notices."""
    outcomes = tuple(Outcome(refused.request_id, error=refused.error) for refused in running.job.refused)
    for outcome in outcomes:
        running.display.say(f"{outcome.request_id}: quarantined: {'; '.join(outcome.reasons)}")
        _note_quarantine(running, outcome)
    return outcomes


def _close(running: Running, outcome: Outcome, verdict: Verdict) -> None:
    data = {
        "verdict": verdict.verdict,
        "assurance": verdict.assurance,
        "plan": [output.digest for output in outcome.outputs.values()][-1],
    }
    running.history.note("verdict", outcome.request_id, data, is_new=not outcome.skipped)
    found = " (found, nothing to do)" if outcome.skipped else ""
    running.display.finish(outcome.request_id, f"{verdict.words}{found}")


def _quarantine(running: Running, outcome: Outcome, error: Exception) -> None:
    outcome.error = explained(error, running.job.workspace, outcome.request_id)
    _note_quarantine(running, outcome)
    running.display.finish(outcome.request_id, f"quarantined: {outcome.error}")


def _note_quarantine(running: Running, outcome: Outcome) -> None:
    """Write the reasons' codes; not again while nothing about them has changed."""
    data = {"code": ", ".join(dict.fromkeys(outcome.codes))}
    running.history.note("quarantined", outcome.request_id, data, is_new=False)
