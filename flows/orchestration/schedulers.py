"""Who runs the steps of a batch: Prefect, or nobody in particular."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from flows.orchestration.runners import task_runner, with_gpus
from siu.config.params import RuntimeParams
from tasks.handle import Handle, Results

if TYPE_CHECKING:
    from prefect import Task
    from prefect.task_runners import TaskRunner

Item = TypeVar("Item")
Result = TypeVar("Result")


class Pending(Protocol):
    """What a task will return."""

    def result(self) -> Handle:
        """Wait for the task and return its handle."""
        ...

    def add_done_callback(self, function: "Callable[[Any], None]", /) -> None:
        """Have a function called when the task is done."""
        ...


class Pool(Protocol):
    """Takes tasks, each with what it waits for among its arguments."""

    def submit(self, task: "Task[Any, Any]", tag: str, *args: Any, after: Sequence[Pending]) -> Pending:
        """Submit a task.

        Args:
            task: One of `tasks.chain`.
            tag: The request whose task it is; empty for one of the batch.
            args: Its arguments; pending ones, also those in lists, are waited for.
            after: What is waited for beside them.
        """
        ...


class Scheduler(Protocol):
    """Runs named steps."""

    @property
    def run_id(self) -> str:
        """Id under which the scheduler keeps this run; empty if it keeps none."""
        ...

    def pool(self, runtime: RuntimeParams) -> AbstractContextManager[Pool]:
        """Take tasks while the block runs."""
        ...

    def show(self, key: str, markdown: str) -> None:
        """Keep a page of the run under a key."""

    def step(self, name: str, run: Callable[[], Result]) -> Result:
        """Run one step where it is called."""
        ...

    def side_by_side(
        self, name: str, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> list[Result]:
        """Run a function on several items at the same time, each as a step; results in order."""
        ...


def undecorated(task: "Task[Any, Any]") -> Callable[..., Handle]:
    """Return what a task of `tasks.chain` does, without Prefect."""
    function: Callable[..., Handle] = task.fn.__wrapped__  # type: ignore[attr-defined]  # by functools.wraps
    return function


class Plain:
    """Threads and nothing else: for `dvc repro`, which schedules by itself, and for notebooks.

    Args:
        workers: Items at the same time.
    """

    run_id = ""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    @contextmanager
    def pool(self, runtime: RuntimeParams) -> Iterator[Pool]:
        """Run tasks in threads, in the order in which they were submitted."""
        with ThreadPoolExecutor(self._workers) as threads:
            yield Threads(threads)

    def show(self, key: str, markdown: str) -> None:
        """Keep nothing."""

    def step(self, name: str, run: Callable[[], Result]) -> Result:
        """Run one step."""
        return run()

    def side_by_side(
        self, name: str, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> list[Result]:
        """Run a function on several items at the same time."""
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(function, items))


class Threads:
    """Runs what a task does, without Prefect; whoever waits has been submitted behind what it waits for.

    Args:
        threads: Where.
    """

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads

    def submit(self, task: "Task[Any, Any]", tag: str, *args: Any, after: Sequence[Pending]) -> Pending:
        """Submit the function of a task."""
        function = undecorated(task)

        def run() -> Handle:
            for pending in after:
                pending.result()
            return function(*(each(argument, _arrived) for argument in args))

        return self._threads.submit(run)


def each(argument: Any, change: Callable[[Any], Any]) -> Any:
    """Return an argument changed; of a list each part."""
    return [each(part, change) for part in argument] if isinstance(argument, list) else change(argument)


def _arrived(argument: Any) -> Any:
    return argument.result() if isinstance(argument, Future) else argument


class PrefectPool:
    """Submits tasks to one of Prefect's task runners: it sees what waits for what.

    Args:
        runner: The runner.
        runtime: What its tasks take of a cluster.
    """

    def __init__(self, runner: "TaskRunner[Any]", runtime: RuntimeParams) -> None:
        self._runner, self._runtime = runner, runtime

    def submit(self, task: "Task[Any, Any]", tag: str, *args: Any, after: Sequence[Pending]) -> Pending:
        """Submit a task with its arguments as parameters.

        Prefect knows every text of a handle from the task that returned it, and would draw an edge from each
        that is told of in `Results`: these are quoted, and ``after`` says what is waited for.
        """
        from prefect import tags
        from prefect.utilities.annotations import quote
        from prefect.utilities.callables import get_call_parameters

        shown = (quote(argument) if isinstance(argument, Results) else argument for argument in args)
        parameters = get_call_parameters(task.fn, tuple(shown), {})
        if self._runtime.runner == "ray" and self._runtime.gpus_per_task:
            for first in after:  # Ray would keep the GPU of a task that waits from the one it waits for
                first.result()
        with tags(*([tag] if tag else [])), with_gpus(self._runtime, task.name):
            pending: Pending = self._runner.submit(task, parameters, wait_for=list(after))  # type: ignore[arg-type]
        return pending


class PrefectTasks:
    """Prefect tasks, inside the flow that is running; none has a result that is kept."""

    @property
    def run_id(self) -> str:
        """Id of the flow run."""
        from prefect.runtime import flow_run

        return str(flow_run.id)

    @contextmanager
    def pool(self, runtime: RuntimeParams) -> Iterator[Pool]:
        """Run tasks on the runner that ``runtime.runner`` names."""
        with task_runner(runtime) as runner:
            yield PrefectPool(runner, runtime)

    def show(self, key: str, markdown: str) -> None:
        """Keep a page as a markdown artifact."""
        from prefect.artifacts import create_markdown_artifact

        create_markdown_artifact(markdown, key=key)

    def step(self, name: str, run: Callable[[], Result]) -> Result:
        """Run one step as a task."""
        result: Result = _as_task(name, run)()
        return result

    def side_by_side(
        self, name: str, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> list[Result]:
        """Submit a task per item to the flow's task runner; when one fails the others are finished."""
        futures = [_as_task(f"{name} {item}", _bind(function, item)).submit() for item in items]
        for future in futures:
            future.wait()
        return [future.result() for future in futures]


def _bind(function: Callable[[Item], Result], item: Item) -> Callable[[], Result]:
    return lambda: function(item)


def _as_task(name: str, run: Callable[[], Result]):  # type: ignore[no-untyped-def]  # Prefect's own type
    from prefect import task
    from prefect.cache_policies import NO_CACHE

    @task(name=name.split()[0], task_run_name=name, cache_policy=NO_CACHE, persist_result=False)
    def step() -> Result:
        return run()

    return step
