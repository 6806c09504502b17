"""Memory of one step, alone in a fresh process: ``python -m benchmarks.memory SIZE WAY PICTURE TEXT``."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

from benchmarks.sizes import SIZES
from benchmarks.steps import WAYS, Way, steps
from benchmarks.workload import step_workload

_MEGABYTE = 2**20


def step_memory(size: str, way: Way, with_picture: int, text_only: int) -> dict[str, float]:
    """Return the megabytes that a first step adds to those of the models, and the highest of the process.

    The step is the first one: what later steps reuse is computed in it.
    """
    arguments = [size, way, str(with_picture), str(text_only)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", *arguments], check=True, capture_output=True, text=True
    )
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def resident() -> float:
    """Return the megabytes that this process has in memory now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE


def highest() -> float:
    """Return the most megabytes that this process has had in memory since `forget_highest` (Linux).

    Not ``ru_maxrss``: a process inherits that from the one that started it.
    """
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(kilobytes) * 1024 / _MEGABYTE


def forget_highest() -> None:
    """Let `highest` begin anew."""
    Path("/proc/self/clear_refs").write_text("5")


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("with_picture", type=int)
    parser.add_argument("text_only", type=int)
    options = parser.parse_args()
    torch.set_num_threads(1)
    size = SIZES[options.size]
    vlm = size.build(torch.device("cpu"))
    with tempfile.TemporaryDirectory() as folder:
        work = step_workload(Path(folder), options.with_picture, options.text_only)
        with steps(vlm, work, size.lora, [options.way]) as runner:
            before = resident()
            forget_highest()
            runner.run(options.way)
    peak = highest()
    print(json.dumps({"step_megabytes": round(peak - before, 1), "process_megabytes": round(peak, 1)}))


if __name__ == "__main__":
    main()
