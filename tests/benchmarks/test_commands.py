"""The commands run from end to end at the tiny size."""

import json
import os
import signal
import subprocess
import sys

import pytest
import torch

from benchmarks import __main__ as cpu
from benchmarks import gpu, release, scaling
from benchmarks.measuring import Rounds, Timing, spread
from benchmarks.overheads import cpu_of


@pytest.fixture
def call(monkeypatch):
    def run(main, *arguments):
        monkeypatch.setattr(sys, "argv", ["benchmark", *arguments])
        main()

    return run


def test_the_gpu_benchmark_runs_on_a_cpu(call, tmp_path, capsys, monkeypatch):
    out = tmp_path / "gpu.json"
    small = ("--size", "tiny", "--device", "cpu", "--repeats", "1", "--pictures", "2", "--questions", "2")
    monkeypatch.setattr(gpu, "BATCHES", ((1, 1), (2, 1)))
    call(gpu.main, *small, "--out", str(out))
    found = json.loads(out.read_text())
    assert set(found["recipe"]) == {"peers", "plain", "shared"}
    assert len(found["recipe"]["shared"]["seconds"]) == gpu.RECIPE_STEPS
    assert found["steps"]["2+1"]["ways"]["shared"]["share_of_gemm"]["median"] > 0
    assert found["evaluation"]["different_answers"] == dict.fromkeys(found["evaluation"]["ways"], 0)
    assert found["many pictures"]["questions_per_second"] > 0
    assert "step 2+1" in capsys.readouterr().out


def test_the_gpu_benchmark_says_when_there_is_none(call):
    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(SystemExit, match="no GPU"):
        call(gpu.main)


def test_the_cpu_benchmark_writes_what_it_prints(call, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cpu, "step_memory", lambda *arguments: {"step_megabytes": 1.0})  # a process each
    small = ("--size", "tiny", "--repeats", "1", "--pictures", "3", "--questions", "2")
    monkeypatch.setattr(cpu, "STEPS", {(2, 1): ("plain", "shared")})
    call(cpu.main, *small, "--out", str(tmp_path))
    found = json.loads((tmp_path / "tiny.json").read_text())
    assert set(found["steps"]["2+1"]["counted"]) == {"peers", "plain", "shared"}
    assert set(found["evaluation"]["ratios"]) == {
        f"{way} / shared" for way in ("one by one", "batched", "plain")
    }
    assert sum(lot["pictures"] for lot in found["many pictures"]["lots"]) == 3
    assert "tiny" in capsys.readouterr().out


def test_a_command_that_fails_is_not_measured():
    with pytest.raises(subprocess.CalledProcessError):
        cpu_of((sys.executable, "-c", "raise SystemExit(1)"))


def test_a_step_alone_is_no_measure_of_a_release(call, capsys):
    with pytest.raises(SystemExit):
        call(release.main, "--steps", "1")
    assert "--steps must be 2 or more" in capsys.readouterr().err


def test_a_process_that_is_killed_ends_the_measurement(tmp_path, monkeypatch):
    monkeypatch.setattr(
        release, "unlearn", lambda *arguments, **options: os.kill(os.getpid(), signal.SIGKILL)
    )
    with pytest.raises(SystemExit, match="ended with -9"):
        release._in_a_process(None, [], {}, tmp_path, 2)


def test_curves_become_a_picture(tmp_path):
    curves = {"plain": {1: 1.0, 2: 2.0}, "shared": {1: 0.5, 2: 1.0}}
    scaling.draw(dict.fromkeys("abcd", curves), tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


def test_a_ratio_is_taken_round_by_round():
    timings = {"slow": Timing([2.0, 9.0, 8.0]), "fast": Timing([1.0, 3.0, 2.0])}
    found = Rounds(torch.device("cpu"), timings, [10.0, 10.0, 20.0])
    assert found.ratio("slow", "fast") == {"median": 3.0, "low": 2.0, "high": 4.0}
    assert found.over_floor("fast", 10) == {"median": 3.0, "low": 1.0, "high": 4.0}
    assert spread([1.0, 2.0]) == {"median": 1.5, "low": 1.0, "high": 2.0}
