"""The batch as the schedule runs it: in its turn, with a reason wherever it doesn't run."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.batch import run_batch
from flows.batch_result import BatchResult
from flows.orchestration.catch_up import why_left_out
from flows.orchestration.parent import end_with_parent
from flows.orchestration.processes import WORKSPACE
from flows.orchestration.schedulers import PrefectTasks
from flows.orchestration.server import drain, loopback_without_proxy
from flows.orchestration.turn import in_turn
from flows.purge import purge_in_counts
from siu.errors import PreflightError, SiuError
from siu.storage.workspace import Workspace
from tasks.messages import NoBatch
from tasks.notify import send
from tasks.runtime.explained import explained
from tasks.schedule_log import note_schedule


@flow(name="batch", persist_result=False)
def scheduled_batch() -> State[Any]:
    """Run the batch of the workspace that `SIU_WORKSPACE` names."""
    end_with_parent()
    workspace = Workspace(Path(os.environ[WORKSPACE]))
    scheduler = PrefectTasks()
    with loopback_without_proxy():
        try:
            schedule = workspace.params().schedule
            if reason := why_left_out(schedule.catch_up):
                return _skipped(workspace, reason)
            result = in_turn(
                workspace,
                schedule.overlap,
                lambda reason: _say(workspace, "waits", reason),
                lambda: run_batch(workspace, scheduler),
            )
            if isinstance(result, str):
                return _skipped(workspace, result)
            purged = purge_in_counts(workspace)
        except SiuError as error:
            return Failed(message=_failed(workspace, error))
        except Exception as error:  # noqa: BLE001  # its traceback is kept, and may quote a name
            return Failed(message=_failed(workspace, explained(error, workspace, "schedule")))
        finally:
            drain(scheduler.run_id)
        return Completed(message=_say(workspace, "done", "; ".join(filter(None, (summary(result), purged)))))


def _skipped(workspace: Workspace, reason: str) -> State[Any]:
    """Return the state of a run that is left out, which is noted."""
    return Completed(name="Skipped", message=_say(workspace, "skipped", reason))


def _say(workspace: Workspace, event: str, reason: str) -> str:
    """Note what becomes of the run where `siu status` looks, and print it."""
    note_schedule(workspace, event, reason)
    print(f"schedule: {event}: {reason}", flush=True)  # noqa: T201  # the service's own log
    return reason


def _failed(workspace: Workspace, error: SiuError) -> str:
    """Note that there was no batch, and tell whoever params.yaml, if it can be read, says is to be told."""
    reason = _say(workspace, "failed", codes(error))
    with suppress(PreflightError):
        undelivered = send([NoBatch(reason)], workspace.params().notify)
        if undelivered:
            _say(workspace, "failed", undelivered)
    return reason


def codes(error: SiuError) -> str:
    """Return the codes of an error without its words, which may quote a name."""
    problems = error.problems if isinstance(error, PreflightError) else (error,)
    unique = dict.fromkeys(str(problem.code) for problem in problems)
    return f"{', '.join(unique)} (`siu batch` in the workspace says more)"


def summary(result: BatchResult) -> str:
    """Return in one line what came of a batch: counts, and the release's number."""
    if result.skipped:
        return "nothing to do"
    numbered = result.release
    release = "no release" if numbered is None else f"release {numbered.number} {numbered.state}"
    return f"{result.sentence()}; {release}"
