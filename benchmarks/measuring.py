"""Seconds: interleaved in one run, CPU beside wall, median and range."""

import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers

from benchmarks.counting import Work

_GEMM_SIDE = {"cpu": 1_536, "cuda": 8_192}
_GEMM_TRIES = 3


@dataclass
class Timing:
    """Seconds of one thing, a number per round."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return medians and ranges."""
        return {"cpu_seconds": spread(self.cpu), "wall_seconds": spread(self.wall)}


@dataclass(frozen=True)
class Rounds:
    """What some rounds of several things gave.

    Attributes:
        device: Where they ran; decides which clock counts.
        timings: Seconds of each thing.
        gemm: Floating-point operations per second of a large matrix product, measured in each round.
    """

    device: torch.device
    timings: dict[str, Timing]
    gemm: list[float]

    def seconds(self, name: str) -> list[float]:
        """Return what is compared: CPU seconds on a CPU, wall seconds on a GPU."""
        timing = self.timings[name]
        return timing.cpu if self.device.type == "cpu" else timing.wall

    def ratio(self, slow: str, fast: str) -> dict[str, float]:
        """Return how many times longer ``slow`` took, round by round."""
        return spread([a / b for a, b in zip(self.seconds(slow), self.seconds(fast), strict=True)])

    def over_floor(self, name: str, flops: int) -> dict[str, float]:
        """Return the time over what its FLOPs would take at the matrix product's rate of the same round."""
        return spread([took * rate / flops for took, rate in zip(self.seconds(name), self.gemm, strict=True)])

    def share(self, name: str, flops: int) -> dict[str, float]:
        """Return the share of the matrix product's rate that was reached."""
        return spread([flops / took / rate for took, rate in zip(self.seconds(name), self.gemm, strict=True)])

    def per_second(self, name: str, count: int) -> dict[str, float]:
        """Return how many of the things that were done ``count`` at a time were done per wall second."""
        return spread([count / took for took in self.timings[name].wall])

    def row(self, name: str, work: Work) -> dict[str, Any]:
        """Return everything about one thing, counted and timed."""
        return {**self.timings[name].as_dict(), **vars(work), "over_floor": self.over_floor(name, work.flops)}

    def ratios(self) -> dict[str, dict[str, float]]:
        """Return how much longer everything else took than what came last."""
        *further, last = self.timings
        return {f"{name} / {last}": self.ratio(name, last) for name in further}


def rounds(runs: Mapping[str, Callable[[], object]], repeats: int, device: torch.device) -> Rounds:
    """Run everything once per round, in turn, each round with its own matrix product."""
    measured = Rounds(device, {name: Timing() for name in runs}, [])
    dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
    for _ in range(repeats):
        measured.gemm.append(gemm_rate(device, dtype))
        for name, run in runs.items():
            cpu, wall = timed(run, device)
            measured.timings[name].cpu.append(cpu)
            measured.timings[name].wall.append(wall)
    return measured


def timed(run: Callable[[], object], device: torch.device) -> tuple[float, float]:
    """Return CPU and wall seconds of one call."""
    synchronise(device)
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    synchronise(device)
    return time.process_time() - cpu, time.perf_counter() - wall


def gemm_gflops(measured: Rounds) -> dict[str, float]:
    """Return median and range of the matrix product's rate in billions of FLOPs per second."""
    return spread([rate / 1e9 for rate in measured.gemm])


def gemm_rate(device: torch.device, dtype: torch.dtype) -> float:
    """Return the best rate of a few large square matrix products, in FLOPs per (CPU or GPU) second."""
    side = _GEMM_SIDE[device.type]
    left, right = (torch.randn(side, side, device=device, dtype=dtype) for _ in range(2))
    left @ right
    took = [timed(lambda: left @ right, device) for _ in range(_GEMM_TRIES)]
    return 2 * side**3 / min(cpu if device.type == "cpu" else wall for cpu, wall in took)


def spread(values: list[float]) -> dict[str, float]:
    """Return median and range, to four digits."""
    return {
        "median": _short(statistics.median(values)),
        "low": _short(min(values)),
        "high": _short(max(values)),
    }


def machine(device: torch.device) -> dict[str, Any]:
    """Describe what the numbers were measured on."""
    if device.type == "cuda":
        chip = torch.cuda.get_device_name(device)
    else:
        lines = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
        names = [line.split(":")[1].strip() for line in lines.splitlines() if line.startswith("model name")]
        chip = f"{names[0]}, {len(names)} cores" if names else platform.machine()
    return {
        "chip": chip,
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def synchronise(device: torch.device) -> None:
    """Wait until a GPU has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
