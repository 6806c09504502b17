"""A fault strikes where and when it was armed, once; unarmed points do nothing."""

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch

from siu.storage.clock import utc_now
from siu.storage.fault_points import KINDS, POINTS, SET_BACK, VARIABLE, arm, fault_point

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")


def test_an_unarmed_point_does_nothing() -> None:
    for point in POINTS:
        fault_point(point)


@pytest.mark.parametrize("kind", ["enospc", "eio", "erofs"])
def test_an_error_of_the_disk_is_raised_at_the_armed_pass_and_only_once(kind: str, tmp_path: Path) -> None:
    arm(f"publish.rename@2:{kind}:{tmp_path / 'struck'}")
    fault_point("publish.renamed")
    fault_point("publish.rename")
    with pytest.raises(OSError, match=os.strerror(getattr(errno, kind.upper()))):
        fault_point("publish.rename")
    fault_point("publish.rename")
    arm(f"publish.rename:{kind}:{tmp_path / 'struck'}")
    fault_point("publish.rename")  # as of another process: the file says that it has struck


def test_memory_and_clock_fail_as_the_real_ones_do(tmp_path: Path) -> None:
    arm(f"unlearn.step:memory:{tmp_path / 'a'} append.write:clock:{tmp_path / 'b'}")
    with pytest.raises(torch.OutOfMemoryError):
        fault_point("unlearn.step")
    fault_point("append.write")
    assert SET_BACK * 0.9 < datetime.now(UTC) - utc_now() < SET_BACK * 1.1


@pytest.mark.parametrize("kind", ["sigkill", "sigterm"])
def test_the_variable_arms_a_process_from_its_start(kind: str, tmp_path: Path) -> None:
    code = "from siu.storage.fault_points import fault_point; fault_point('append.write'); print('lived')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, VARIABLE: f"append.write:{kind}:{tmp_path / 'struck'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.Signals[kind.upper()]
    assert not done.stdout


@pytest.mark.parametrize("setting", ["nowhere:sigkill:/x", "append.write:flood:/x", "append.write:eio"])
def test_a_setting_that_names_nothing_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="no point, kind and file"):
        arm(setting)


def test_every_point_stands_in_the_code_and_every_one_of_the_code_is_registered() -> None:
    sources = [path for package in ("siu", "tasks") for path in (ROOT / package).rglob("*.py")]
    named = {name for path in sources for name in re.findall(r'fault_point\("([^"]+)"\)', path.read_text())}
    assert named == set(POINTS)
    assert KINDS.keys() >= {"sigkill", "sigterm", "sigint", "enospc", "eio", "erofs", "clock", "memory"}
