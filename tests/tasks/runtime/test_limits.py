"""A job beyond its time or memory is ended with a reason, and the worker is there for the next one."""

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from siu.config.params import Params, RuntimeParams
from siu.errors import ConceptError
from tasks.runtime import limits
from tasks.runtime.limits import GB, Limits, limits_of, resident
from tasks.runtime.workers import OnProgress, Workers
from tasks.subjects import Release

SHORT = 6 / 60


def _sleep(on_progress: OnProgress) -> None:
    time.sleep(60)


def _fill(on_progress: OnProgress) -> None:
    held = bytearray(600_000_000)
    for place in range(0, len(held), 4096):
        held[place] = 1
    time.sleep(60)


def _double(number: int, on_progress: OnProgress) -> int:
    return 2 * number


def ignore(done: int, total: int) -> None:
    pass


def test_what_is_beyond_a_limit_is_ended_and_the_next_job_runs() -> None:
    with Workers(1, 1, "cpu", Limits(SHORT, 0.5)) as workers:
        assert workers.run(_double, 4, on_progress=ignore) == 8
        began = time.monotonic()
        with pytest.raises(
            ConceptError, match=r"E-RUN-051 a stage took longer than runtime\.concept_minutes"
        ):
            workers.run(_sleep, on_progress=ignore)
        with pytest.raises(ConceptError, match=r"E-RUN-052 a stage had 0\.\d GB, more than runtime"):
            workers.run(_fill, on_progress=ignore)
        assert time.monotonic() - began < 100, "neither slept to its end"
        assert workers.run(_double, 4, on_progress=ignore) == 8


def test_a_release_has_the_time_of_all_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=lambda: now))
    request = Limits(minutes=1).watch(os.getpid(), ("r-0",))
    release = Limits(minutes=1).watch(os.getpid(), (Release(("a", "b")),))
    for now, are_beyond in ((60.0, (False, False)), (61.0, (True, False)), (121.0, (True, True))):  # noqa: B007
        assert (request() is not None, release() is not None) == are_beyond


def test_params_set_the_limits_and_have_none_by_default() -> None:
    assert limits_of(Params().runtime) == Limits()
    assert limits_of(RuntimeParams(concept_minutes=3.0, concept_memory=8.0)) == Limits(3.0, 8.0)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="there is no /proc here")
def test_resident_memory_is_that_of_the_process() -> None:
    before = resident(os.getpid())
    held = b"x" * 200_000_000
    assert resident(os.getpid()) - before > 0.15 * GB
    assert held
    assert resident(2**22 + 1) == 0
