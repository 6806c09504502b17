"""What a batch makes of each handle that arrives: the ledger, the display, and in the end the result."""

from dataclasses import replace

from flows.batch_result import BatchResult
from flows.terminal.display import Display
from siu.data.releases import deployed_of
from siu.errors import SiuError
from tasks.acceptance import note_members, stand
from tasks.answers import BEFORE
from tasks.closing import outcomes_of
from tasks.deadline import DEFERRED
from tasks.handle import Handle, Results
from tasks.history import History
from tasks.job import Job
from tasks.lineage import carried
from tasks.outcome import Outcome
from tasks.release import RELEASE
from tasks.releases import all_releases
from tasks.seal import refuse_changed
from tasks.settle import outcome_of, released_of
from tasks.stages import CONCEPT_STAGES, EVENTS, RELEASE_STAGES, STEPS
from tasks.subjects import BASE_ROW, RELEASE_ROW, REPORT_ROW, Release, ReleasePart, row_of
from tasks.tracking.batch import BatchRuns
from tasks.withdrawal import WITHDRAWN


class Arrivals:
    """Takes the handles of a batch; only this process writes the ledger.

    Args:
        job: What is to be done.
        history: Where every change of a request's state is written.
        display: Where progress is shown.
        until: The last step.
        runs: The batch's runs in MLflow, if it is told.
    """

    def __init__(
        self, job: Job, history: History, display: Display, until: str, runs: BatchRuns | None = None
    ) -> None:
        self._runs = runs
        self._job, self._history, self._display, self._until = job, history, display, until
        self._stages: dict[str, list[Handle]] = {request_id: [] for request_id in job.request_ids}
        self._scores: dict[str, Handle] = {}
        self._deferred: set[str] = set()
        self._deployed: Handle | None = None
        self._failures: list[SiuError] = []
        self._stopped: list[SiuError] = []
        self._refused = tuple(Outcome(refused.request_id, error=refused.error) for refused in job.refused)
        self._begin()

    def take(self, task: str, handle: Handle) -> None:
        """Note what a task left.

        Args:
            task: Name of the task.
            handle: What it returned.
        """
        if handle.stops_the_batch:
            assert handle.error is not None
            self._stopped.append(handle.error)
            return
        row = row_of(handle.subject)
        made = self._made(handle)
        if handle.plan and task not in ("assess", "deploy", "release"):
            text = f"{handle.stage} found" if handle.skipped else f"{handle.stage} {handle.seconds:.1f} s"
            self._display.done(row, text, handle.skipped)
        if isinstance(handle.subject, str):
            self._take_request(task, handle, handle.subject, made)
        elif row == BASE_ROW:
            self._finish(BASE_ROW, "asked", handle, f"not asked: {handle.error}")
        elif task == "train-release":
            if handle.error is not None:
                self._display.finish(RELEASE_ROW, f"not trained: {handle.error}")
        elif task == "deploy":
            self._deployed = handle
        elif isinstance(handle.subject, ReleasePart) and task == "released":
            self._scores[str(handle.subject.part)] = handle

    def result(self) -> tuple[BatchResult, Results]:
        """Say what came of the release, and return what came of the batch: for people and for the last tasks.

        Raises:
            StateError: The batch was stopped, or the workspace is unfit.
        """
        if self._stopped:
            raise self._stopped[0]
        results = Results(tuple(map(tuple, self._stages.values())))
        outcomes = outcomes_of(self._job, results, are_assessed=self._releases)
        notes, deadline = self._job.notes, self._job.params.batch.deadline
        if self._deferred:
            notes += (f"{len(self._deferred)} requests wait for the next batch (batch.deadline: {deadline})",)
        result = BatchResult(outcomes, failures=tuple(self._failures), notes=notes)
        if self._deployed is not None:
            results = self._release(result, results, self._deployed)
        if self._until == STEPS[-1]:
            self._display.row(REPORT_ROW, 1)
        return result, results

    def close(self, result: BatchResult, handle: Handle) -> None:
        """Note what one of the last tasks left.

        Args:
            result: What came of the batch.
            handle: What the task returned.

        Raises:
            SiuError: The report could not be written.
        """
        if handle.error is not None:
            raise handle.error
        if handle.note:
            result.notes += (handle.note,)
        if handle.stage == STEPS[-1]:
            result.folder = self._job.workspace.reports / handle.plan
            self._display.finish(REPORT_ROW, "written")

    def _begin(self) -> None:
        """Quarantine the requests that can't be served as they are written, and begin the others' rows."""
        for outcome in self._refused:
            self._display.say(f"{outcome.request_id}: quarantined: {'; '.join(outcome.reasons)}")
            self._note_quarantine(outcome)
        if not self._stages:
            return
        if STEPS.index(self._until) >= STEPS.index(BEFORE.name):
            self._display.row(BASE_ROW, 1)
        for request_id in self._stages:
            self._display.row(request_id, len(CONCEPT_STAGES))
        if self._releases:
            self._display.row(RELEASE_ROW, 2 * len(self._stages) + len(RELEASE_STAGES) - 1)

    @property
    def _releases(self) -> bool:
        """Whether the batch goes as far as a release."""
        return STEPS.index(self._until) >= STEPS.index(RELEASE.name)

    def _made(self, handle: Handle) -> dict[str, str]:
        """Return what binds a stage's output; one that was found must be the one that is bound.

        Raises:
            StateError: ``E-LED-022`` it is another one.
        """
        if not handle.plan or handle.stage in ("verdict", "deploy"):
            return {}
        output = f"{handle.stage}/{handle.plan}"
        folder = self._job.store.at(handle.stage, handle.plan)
        if folder is None:
            return {}
        return {output: refuse_changed(self._history, folder, output, is_found=handle.skipped)}

    def _take_request(self, task: str, handle: Handle, request_id: str, made: dict[str, str]) -> None:
        if task != "assess":
            stages = self._stages[request_id]
            is_first_error = handle.error is not None and not any(stage.error for stage in stages)
            stages.append(handle)
            if handle.plan and task in EVENTS:
                data = {"plan": handle.plan, "outputs": made}
                self._history.note(EVENTS[task], request_id, data, is_new=not handle.skipped)
            if is_first_error:
                self._quarantine(request_id)
            elif task == self._until and handle.error is None:
                self._display.finish(request_id, task)
        elif handle.error is None:
            self._close(handle, request_id)
        elif not any(stage.error for stage in self._stages[request_id]):
            self._stages[request_id].append(handle)
            self._quarantine(request_id)

    def _outcome(self, request_id: str) -> Outcome:
        outcome = outcome_of(self._job, request_id, self._stages[request_id])
        if outcome.error is None and self._releases:
            outcome.assess(self._job)
        return outcome

    def _close(self, handle: Handle, request_id: str) -> None:
        outcome = self._outcome(request_id)
        verdict = outcome.verdict
        assert verdict is not None
        data = {"verdict": verdict.verdict, "assurance": verdict.assurance, "plan": handle.plan}
        self._history.note("verdict", request_id, data, is_new=not outcome.skipped)
        if self._runs is not None:
            self._runs.finish(outcome)
        remark = " (found, nothing to do)" if outcome.skipped else ""
        self._display.finish(request_id, f"{verdict.words}{remark}")

    def _quarantine(self, request_id: str) -> None:
        outcome = outcome_of(self._job, request_id, self._stages[request_id])
        if outcome.codes == (DEFERRED,):
            self._deferred.add(request_id)
            self._history.note("deferred", request_id, {"code": DEFERRED}, is_new=True)
            self._display.finish(request_id, f"left for the next batch: {outcome.error}")
            return
        self._note_quarantine(outcome)
        if self._runs is not None:
            self._runs.finish(outcome)
        self._display.finish(request_id, f"quarantined: {outcome.error}")

    def _note_quarantine(self, outcome: Outcome) -> None:
        """Write the reasons' codes; not again while nothing about them has changed."""
        if outcome.codes == (WITHDRAWN,):  # whoever withdrew it has written that down
            return
        data = {"code": ", ".join(dict.fromkeys(outcome.codes))}
        self._history.note("quarantined", outcome.request_id, data, is_new=False)

    def _release(self, result: BatchResult, results: Results, handle: Handle) -> Results:
        """Say what came of the release, and which verdict each request has in the one that is deployed."""
        if handle.error is not None:
            result.failures += (handle.error,)
            self._display.say(f"no release: {handle.error}")
        elif handle.plan:
            assert isinstance(handle.subject, Release)
            scores = tuple(self._scores[request_id] for request_id in handle.subject.request_ids)
            measured = replace(handle, stage=RELEASE.name)
            result.released = released_of(self._job, measured, scores)
            bound = self._made(measured)
            held_on = carried(self._job, handle.subject)
            release = stand(self._job, self._history, result.released, bound, held_on)
            current = deployed_of(all_releases(self._job.workspace))
            held = tuple(current.verdicts) if current else ()
            note_members(self._history, release, members_deployed=held, is_new=not handle.skipped)
            result.release = release
            self._display.finish(RELEASE_ROW, "found" if handle.skipped else "trained and measured")
            return replace(results, release=measured, scores=scores)
        else:
            self._display.finish(RELEASE_ROW, "there is nothing to release")
        return results

    def _finish(self, row: str, text: str, handle: Handle, otherwise: str) -> None:
        if handle.error is not None:
            self._failures.append(handle.error)
        self._display.finish(row, text if handle.error is None else otherwise)
