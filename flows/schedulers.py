"""Who runs the steps of a batch: Prefect, or nobody in particular."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Scheduler(Protocol):
    """Runs named steps."""

    @property
    def run_id(self) -> str:
        """Id under which the scheduler keeps this run; empty if it keeps none."""
        ...

    def step(self, name: str, run: Callable[[], Result]) -> Result:
        """Run one step where it is called."""
        ...

    def side_by_side(
        self, name: str, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> list[Result]:
        """Run a function on several items at the same time, each as a step; results in order."""
        ...


class Plain:
    """Threads and nothing else: for `dvc repro`, which schedules by itself, and for notebooks.

    Args:
        workers: Items at the same time.
    """

    run_id = ""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def step(self, name: str, run: Callable[[], Result]) -> Result:
        """Run one step."""
        return run()

    def side_by_side(
        self, name: str, function: Callable[[Item], Result], items: Sequence[Item]
    ) -> list[Result]:
        """Run a function on several items at the same time."""
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(function, items))


class PrefectTasks:
    """Prefect tasks without parameters, results or caching, inside the flow that is running."""

    @property
    def run_id(self) -> str:
        """Id of the flow run."""
        from prefect.runtime import flow_run

        return str(flow_run.id)

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
