"""An evaluation's parts, answered by worker processes side by side."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from siu.config.params import RuntimeParams
from tasks.runtime.workers import OnProgress, Runner

if TYPE_CHECKING:
    from siu.evaluation.part import OnDone, Part

PER_WORKER = 2
"""Parts that are worth the start of a process."""


def are_worth_workers(parts: "Sequence[Part]", runtime: RuntimeParams) -> bool:
    """Return whether there is work for several processes: a GPU is kept busy by one."""
    from siu.models.loading import choose_device

    several = runtime.workers > 1 and len(parts) >= PER_WORKER * runtime.workers
    return several and choose_device(runtime.device).type == "cpu"


def side_by_side(parts: "Sequence[Part]", on_done: "OnDone", runner: Runner, count: int) -> None:
    """Answer parts on a runner, ``count`` at a time.

    Raises:
        SiuError: A part failed; those that were not begun are left.
    """
    with ThreadPoolExecutor(count) as pool:
        jobs = [pool.submit(runner.run, _answer, part, on_progress=_each(on_done)) for part in parts]
        try:
            for job in jobs:
                job.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _answer(part: "Part", on_progress: OnProgress) -> None:
    part.answer(lambda count: on_progress(count, len(part.questions)))


def _each(on_done: "OnDone") -> OnProgress:
    return lambda done, _: on_done(done)
