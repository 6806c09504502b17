"""The tasks of one batch as they are submitted, and their handles as they arrive."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from flows.orchestration.schedulers import Pending, Pool, each, undecorated
from tasks.closing import RECORD, VERSION
from tasks.construct import CONSTRUCT
from tasks.handle import Batch, Handle
from tasks.job import Job
from tasks.release import RELEASE
from tasks.stages import CONCEPT_STAGES, DECLARED, REPORT, STEPS

if TYPE_CHECKING:
    from prefect import Task

OF_A_REQUEST = frozenset({*(stage.name for stage in CONCEPT_STAGES), "assess"})
"""The tasks that a request has for itself."""
STEP_OF = {stage.name: stage.ends for stage in DECLARED} | {RECORD: REPORT.name, VERSION: STEPS[0]}


@dataclass(frozen=True)
class Settled:
    """What a task would have returned: it has nothing to do, so nobody has to run it."""

    handle: Handle

    def result(self) -> Handle:
        """Return the handle."""
        return self.handle

    def add_done_callback(self, function: "Callable[[Any], None]", /) -> None:
        """Call the function at once."""
        function(self)


class Chain:
    """Submits tasks as far as the batch goes.

    The tasks of a request that an earlier batch has served find all that they would do. They are settled here
    and now, so that what a scheduler is told of grows with the new requests and not with the release.

    Args:
        pool: Where.
        batch: The batch.
        job: What is to be done.
        until: The last step.
    """

    def __init__(self, pool: Pool, batch: Batch, job: Job, until: str) -> None:
        self._pool, self._batch, self._job = pool, batch, job
        self._last = STEPS.index(until)
        self._data = {request_id: CONSTRUCT.digest(job, request_id) for request_id in job.request_ids}
        self._latest: dict[tuple[str, str], Pending] = {}
        self._lines: dict[str, list[tuple[str, Pending]]] = {}

    def submit(
        self, task: "Task[Any, Any]", *args: Any, line: str = "", after: Sequence[Pending] = ()
    ) -> Any:
        """Submit a task unless it belongs to a step that isn't asked for; return what it will return.

        Requests for the same are worked on one after the other: the second finds what the first has left.

        Args:
            task: One of `tasks.chain`.
            args: Its arguments after the batch.
            line: Tasks of one line come one after the other; the request's, where one is the first argument.
            after: What is waited for beside the arguments.
        """
        if STEPS.index(STEP_OF.get(task.name, RELEASE.name)) > self._last:
            return None
        request_id = args[0] if isinstance(args[0], str) else ""
        line = line or request_id or task.name
        if request_id in self._data:
            twin = (task.name, self._data[request_id])
            after = [*after, self._latest[twin]] if twin in self._latest else after
        pending: Pending
        if task.name in OF_A_REQUEST and request_id in self._served:
            before = (each(argument, _settled) for argument in args[1:])
            pending = Settled(undecorated(task)(self._batch, request_id, *before))
        else:
            waits = [first for first in after if not isinstance(first, Settled)]
            given = (each(argument, _without_settled) for argument in args)
            pending = self._pool.submit(task, request_id, self._batch, *given, after=waits)
        if request_id in self._data:
            self._latest[twin] = pending
        self._lines.setdefault(line, []).append((task.name, pending))
        return pending

    @cached_property
    def _served(self) -> set[str]:
        """The requests that an earlier batch has served: read once, before the first task begins."""
        return {request_id for request_id in self._job.request_ids if is_served(self._job, request_id)}

    def arrivals(self) -> Iterator[tuple[str, Handle]]:
        """Yield the name and the handle of each task when it is done; those of one line in their order."""
        arrived: SimpleQueue[tuple[str, int]] = SimpleQueue()
        for line, tasks in self._lines.items():
            for place, (_, pending) in enumerate(tasks):
                pending.add_done_callback(partial(_arrive, arrived, line, place))
        yielded = dict.fromkeys(self._lines, 0)
        for _ in range(sum(map(len, self._lines.values()))):
            line, place = arrived.get()
            for name, pending in self._lines[line][yielded[line] : place + 1]:
                yielded[line] += 1
                yield name, pending.result()


def is_served(job: Job, request_id: str) -> bool:
    """Return whether all that a request's own stages make is there."""
    return all(stage.find(job, request_id) for stage in CONCEPT_STAGES)


def _settled(argument: Any) -> Any:
    """Return the handle of what is settled; what is not concerns no served request."""
    return argument.handle if isinstance(argument, Settled) else None


def _without_settled(argument: Any) -> Any:
    """Return the handle of what is settled, and what is pending as it is."""
    return argument.handle if isinstance(argument, Settled) else argument


def _arrive(arrived: "SimpleQueue[tuple[str, int]]", line: str, place: int, _pending: object) -> None:
    arrived.put((line, place))
