"""The batch as the schedule runs it: in its turn, with a reason wherever it doesn't run."""

import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.batch import run_batch
from flows.batch_result import BatchResult
from flows.cli.tables import shown_verdict
from flows.orchestration.parent import end_with_parent
from flows.orchestration.processes import WORKSPACE
from flows.orchestration.schedulers import PrefectTasks
from flows.orchestration.server import drain, loopback_without_proxy
from flows.orchestration.turn import wait_for_turn
from flows.purge import purge_in_counts
from siu.errors import PreflightError, SiuError
from siu.storage.workspace import Workspace
from tasks.notify import send
from tasks.runtime.explained import explained
from tasks.schedule_log import note_schedule

LATE = timedelta(minutes=5)
"""A run that begins so late was missed: the machine slept, or was busy with other runs."""


@flow(name="batch", persist_result=False)
def scheduled_batch() -> State[Any]:
    """Run the batch of the workspace that `SIU_WORKSPACE` names."""
    end_with_parent()
    workspace = Workspace(Path(os.environ[WORKSPACE]))
    scheduler = PrefectTasks()
    with loopback_without_proxy():
        try:
            schedule = workspace.params().schedule
            reason = _missed(schedule.catch_up) or wait_for_turn(
                workspace, schedule.overlap, lambda reason: _say(workspace, "waits", reason)
            )
            if reason:
                return Completed(name="Skipped", message=_say(workspace, "skipped", reason))
            result = run_batch(workspace, scheduler)
            purged = purge_in_counts(workspace)
        except SiuError as error:
            return Failed(message=_failed(workspace, error))
        except Exception as error:  # noqa: BLE001  # its traceback is kept, and may quote a name
            return Failed(message=_failed(workspace, explained(error, workspace, "schedule")))
        finally:
            drain(scheduler.run_id)
        return Completed(message=_say(workspace, "done", "; ".join(filter(None, (summary(result), purged)))))


def _say(workspace: Workspace, event: str, reason: str) -> str:
    """Note what becomes of the run where `siu status` looks, and print it."""
    note_schedule(workspace, event, reason)
    print(f"schedule: {event}: {reason}", flush=True)  # noqa: T201  # the service's own log
    return reason


def _failed(workspace: Workspace, error: SiuError) -> str:
    """Note that there was no batch, and tell whoever params.yaml, if it can be read, says is to be told."""
    reason = _say(workspace, "failed", codes(error))
    with suppress(PreflightError):
        undelivered = send([{"event": "person_needed", "batch": reason}], workspace.params().notify)
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
    verdicts = [shown_verdict(outcome, result.released) for outcome in result.outcomes]
    erased = sum(verdict is not None and verdict.verdict == "erased" for verdict in verdicts)
    numbered = result.release
    release = "no release" if numbered is None else f"release {numbered.number} {numbered.state}"
    return f"{erased} erased, {len(verdicts) - erased} not; {release}"


def _missed(catch_up: str) -> str:
    """Return why the run that is under way is not to be made up for; empty where it is in time."""
    from prefect.runtime import flow_run
    from prefect.types._datetime import now

    due = flow_run.scheduled_start_time
    if due is None or flow_run.id is None:
        return ""
    if catch_up == "none" and now("UTC") - due > LATE:
        return f"missed: it was due at {due:%Y-%m-%d %H:%M} UTC"
    return "missed: a later run is due already" if _is_superseded(UUID(flow_run.id), due) else ""


def _is_superseded(run_id: UUID, due: datetime) -> bool:
    """Return whether a run of the same deployment that is scheduled later is due as well."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterDeploymentId,
        FlowRunFilterExpectedStartTime,
        FlowRunFilterState,
        FlowRunFilterStateType,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.types._datetime import DateTime

    with get_client(sync_client=True) as client:
        deployment = client.read_flow_run(run_id).deployment_id
        if deployment is None:
            return False
        later = FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=[deployment]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            expected_start_time=FlowRunFilterExpectedStartTime(
                after_=DateTime.instance(due).add(seconds=1), before_=DateTime.now("UTC")
            ),
        )
        return bool(client.read_flow_runs(flow_run_filter=later, limit=1))
