import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from siu.errors import ConceptError, StateError
from tasks.runtime.worker_process import ALLOCATOR
from tasks.runtime.workers import Inline, OnProgress, Workers


def _double(number: int, on_progress: OnProgress) -> int:
    on_progress(1, 2)
    on_progress(2, 2)
    return 2 * number


def _process(on_progress: OnProgress) -> int:
    return os.getpid()


def _fail(on_progress: OnProgress) -> None:
    raise ConceptError("E-UNL-001", "the loss is not finite", "Lower unlearning.lr")


class Unpicklable(Exception):
    def __init__(self, *, code: int) -> None:
        super().__init__(f"code {code}")


def _fail_strangely(how: str, on_progress: OnProgress) -> None:
    if how == "keyword":
        raise Unpicklable(code=3)  # can be pickled, but not made again
    error = ValueError("with a lock")
    error.lock = threading.Lock()  # type: ignore[attr-defined]
    raise error


def _die(on_progress: OnProgress) -> None:
    os._exit(9)


def _wait(on_progress: OnProgress) -> None:
    on_progress(0, 1)
    time.sleep(60)


def ignore(done: int, total: int) -> None:
    pass


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(2, 1, "cpu") as started:
        yield started


def test_a_job_runs_in_another_process_and_reports_progress(workers: Workers) -> None:
    seen: list[tuple[int, int]] = []
    assert workers.run(_double, 21, on_progress=lambda *step: seen.append(step)) == 42
    assert seen == [(1, 2), (2, 2)]
    assert workers.run(_process, on_progress=ignore) != os.getpid()


def test_an_error_is_raised_where_the_job_was_asked_for(workers: Workers) -> None:
    with pytest.raises(ConceptError, match="E-UNL-001 the loss is not finite") as caught:
        workers.run(_fail, on_progress=ignore)
    assert "in _fail" in caught.value.__notes__[0], "the worker's traceback is kept as a note"


@pytest.mark.parametrize(
    ("how", "said"), [("keyword", "Unpicklable: code 3"), ("lock", "ValueError: with a lock")]
)
def test_an_error_that_cannot_travel_is_told_all_the_same(workers: Workers, how: str, said: str) -> None:
    with pytest.raises(RuntimeError, match=said) as caught:
        workers.run(_fail_strangely, how, on_progress=ignore)
    assert "in _fail_strangely" in caught.value.__notes__[0]
    assert workers.run(_double, 2, on_progress=ignore) == 4


def test_a_dying_worker_takes_only_its_own_job_with_it(workers: Workers) -> None:
    with pytest.raises(ConceptError, match="E-RUN-001 the worker process died"):
        workers.run(_die, on_progress=ignore)
    with ThreadPoolExecutor(2) as pool:
        doubled = pool.map(lambda number: workers.run(_double, number, on_progress=ignore), range(4))
        assert list(doubled) == [0, 2, 4, 6]


def test_stopping_ends_a_job_under_way_and_refuses_new_ones() -> None:
    workers = Workers(1, 1, "cpu")
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(workers.run, _wait, on_progress=lambda done, total: workers.stop())
        with pytest.raises(StateError, match="E-RUN-002 the batch was stopped"):
            job.result(timeout=20)
    with pytest.raises(StateError, match="E-RUN-002"):
        workers.run(_double, 1, on_progress=ignore)


def test_inline_runs_where_it_is_called() -> None:
    assert Inline().run(_process, on_progress=ignore) == os.getpid()


def test_workers_that_die_at_once_are_an_error_and_not_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    from tasks.runtime import workers as module

    monkeypatch.setattr(module, "_has_gpu", _die)
    for _ in range(2):
        with Workers(2, 1, "auto") as dying, pytest.raises(StateError, match="E-RUN-007"):
            dying.run(_double, 1, on_progress=ignore)


def _variable(name: str, on_progress: OnProgress) -> str | None:
    return os.environ.get(name)


def test_a_workers_allocator_keeps_a_steps_memory_for_the_next_one(workers: Workers) -> None:
    for name, value in ALLOCATOR.items():
        assert workers.run(_variable, name, on_progress=ignore) == value
        assert name not in os.environ  # other programs that are started here keep the system's


def test_allocator_settings_of_the_users_own_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "MALLOC_TOP_PAD_"
    monkeypatch.setenv(name, "4096")
    with Workers(1, 1, "cpu") as fresh:
        assert fresh.run(_variable, name, on_progress=ignore) == "4096"


def _may_take_two(folder: Path, together: int, on_progress: OnProgress) -> bool:
    """Look for a second core while so many jobs are at work."""
    from siu import cores

    _meet(folder / "begun", together)
    cores.os.cpu_count = lambda: 2  # type: ignore[attr-defined]
    found = cores.has_spare_core()
    _meet(folder / "looked", together)
    return found


def _meet(folder: Path, count: int) -> None:
    """Wait until so many processes are here."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < count:
        time.sleep(0.01)


def test_a_worker_has_a_second_core_only_while_it_works_alone(tmp_path: Path) -> None:
    def may_take_two(name: str, together: int) -> bool:
        return workers.run(_may_take_two, tmp_path / name, together, on_progress=ignore)

    with Workers(2, 1, "cpu") as workers, ThreadPoolExecutor(2) as threads:
        assert may_take_two("before", 1)
        both = [threads.submit(may_take_two, "both", 2) for _ in range(2)]
        assert [one.result() for one in both] == [False, False]
        with pytest.raises(ConceptError, match="died"):
            workers.run(_die, on_progress=ignore)
        assert may_take_two("after", 1)
