"""Where the time of a step and of an evaluation goes: ``python -m benchmarks.profiling --size mid``."""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.evaluation import shared_answers
from benchmarks.sizes import SIZES
from benchmarks.steps import steps
from benchmarks.workload import asked_questions, draw_pictures, step_workload
from siu.cores import one_core

_KINDS = {
    "matrix products": ("aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm"),
    "attention": (
        "aten::_scaled_dot_product_flash_attention_for_cpu",
        "aten::_scaled_dot_product_flash_attention_for_cpu_backward",
    ),
    "softmax": ("aten::_log_softmax", "aten::_log_softmax_backward_data", "aten::_softmax"),
    "copies": ("aten::copy_", "aten::cat", "aten::index", "aten::clone", "aten::_to_copy"),
    "vision convolution": ("aten::mkldnn_convolution", "aten::_slow_conv2d_forward"),
}


def main() -> None:
    """Print the share of each kind of operation in the CPU time of our path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="mid")
    options = parser.parse_args()
    torch.set_num_threads(1)
    size = SIZES[options.size]
    vlm = size.build(torch.device("cpu"))
    with tempfile.TemporaryDirectory() as folder:
        with steps(vlm, step_workload(Path(folder), 4, 4), size.lora, ["shared"]) as runner:
            runner.run("shared")
            print_shares("one step, 4+4 samples", shares(lambda: runner.run("shared")))
        picture = draw_pictures(Path(folder), 1)
        print_shares(
            "one picture, 20 questions", shares(lambda: shared_answers(vlm, picture, asked_questions(20)))
        )


def shares(run: Callable[[], object]) -> dict[str, float]:
    """Return the milliseconds of each kind of operation, the rest by name."""
    with one_core(), profile(activities=[ProfilerActivity.CPU]) as profiler:
        run()
    kinds = {operation: kind for kind, operations in _KINDS.items() for operation in operations}
    by_kind: dict[str, float] = {}
    for event in profiler.key_averages():
        kind = kinds.get(event.key, event.key)
        by_kind[kind] = by_kind.get(kind, 0.0) + event.self_cpu_time_total / 1000
    return by_kind


def print_shares(title: str, by_kind: dict[str, float], most: int = 12) -> None:
    """Print the largest shares."""
    total = sum(by_kind.values())
    print(f"\n{title}: {total:.0f} ms under the profiler")
    for kind, milliseconds in sorted(by_kind.items(), key=lambda entry: -entry[1])[:most]:
        print(f"  {kind:56}{milliseconds:9.1f} ms {milliseconds / total:7.1%}")


if __name__ == "__main__":
    main()
