"""LLaVA-1.5-7B's shape on a GPU, the paper's recipe: ``python -m benchmarks.gpu``.

Random bfloat16 weights, made on the device: nothing is downloaded. The ways are shown to be equal first, in
float32 on the tiny size; in bfloat16 their differences are reported.
"""

import argparse
import json
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from benchmarks.counting import count
from benchmarks.evaluation import ANSWER_WAYS, AnswerWay, answers, shared_answers
from benchmarks.measuring import gemm_gflops, machine, rounds, timed
from benchmarks.memory import forget_highest, highest, resident
from benchmarks.sizes import SIZES, Size
from benchmarks.steps import WAYS, Steps, Way, assert_equal, differences, outcome, steps
from benchmarks.tables import print_table
from benchmarks.workload import StepWorkload, asked_questions, draw_pictures, step_workload
from siu.models import VisionLanguageModel

RESULTS = Path(__file__).parent / "results"
BATCHES = ((2, 2), (4, 4), (11, 14))
"""Samples with the picture and without; the first is the paper's batch of 4."""
RECIPE_STEPS, LR = 6, 3e-4
_GIGABYTE = 2**30


def main() -> None:
    """Measure, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="llava-1.5-7b")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=49)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--out", type=Path, default=RESULTS / "gpu.json")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", module="peft|transformers")  # peft asks transformers by an old name
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SystemExit("there is no GPU; `--size tiny --device cpu` tries the command without one")
    with tempfile.TemporaryDirectory() as folder:
        result = measure(options, device, Path(folder))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    print_table(result)


def measure(options: argparse.Namespace, device: torch.device, folder: Path) -> dict[str, Any]:
    """Return everything measured of one size on one device."""
    check_equality(device, folder)
    size = SIZES[options.size]
    vlm = size.build(device)
    pictures, questions = draw_pictures(folder, options.pictures), asked_questions(options.questions)
    batches = {f"{pictured}+{texts}": step_workload(folder, pictured, texts) for pictured, texts in BATCHES}
    first = next(iter(batches.values()))
    return {
        "size": options.size,
        "machine": machine(device),
        "repeats": options.repeats,
        "recipe": {way: recipe(vlm, size, first, way) for way in WAYS},
        "steps": {name: measure_step(vlm, size, work, options.repeats) for name, work in batches.items()},
        "evaluation": measure_evaluation(vlm, pictures[0], questions, options.repeats),
        "many pictures": measure_many(vlm, pictures, questions),
    }


def check_equality(device: torch.device, folder: Path) -> None:
    """Refuse to measure where the ways differ in float32 on this device.

    Raises:
        SystemExit: They differ.
    """
    size = SIZES["tiny"]
    vlm = size.build(device)
    with steps(vlm, step_workload(folder, 4, 4), size.lora) as runner:
        assert_equal(differences([outcome(runner, way) for way in WAYS]))
    picture, questions = draw_pictures(folder, 1)[0], asked_questions(5)
    if len({tuple(answers(vlm, way, picture, questions)) for way in ANSWER_WAYS}) > 1:
        raise SystemExit("the answers differ, so their times mean nothing")


def recipe(vlm: VisionLanguageModel, size: Size, work: StepWorkload, way: Way) -> dict[str, Any]:
    """Return seconds of each of the paper's six AdamW steps, dropout on, nothing kept from before.

    The highest memory is the process's own on a CPU; on a GPU what torch allocated, the weights included.
    """
    vlm.drop_inputs()
    try:
        with steps(vlm, work, size.lora, [way]) as runner, _peak(vlm.device) as peak:
            optimiser = torch.optim.AdamW(runner.trained, lr=LR)
            _switch_dropout_on(vlm.model)

            def step() -> None:
                runner.run(way)
                optimiser.step()

            seconds = [timed(step, vlm.device)[1] for _ in range(RECIPE_STEPS)]
    except torch.OutOfMemoryError:
        return {"out of memory": True}
    return {
        "seconds": [round(took, 4) for took in seconds],
        "seconds_total": round(sum(seconds), 4),
        **peak,
    }


def measure_step(vlm: VisionLanguageModel, size: Size, work: StepWorkload, repeats: int) -> dict[str, Any]:
    """Return one step's time, FLOPs and memory in each way that fits into memory."""
    with steps(vlm, work, size.lora) as runner:
        outcomes, peaks = {}, {}
        for way in WAYS:
            try:
                with _peak(vlm.device) as peaks[way]:
                    outcomes[way] = outcome(runner, way)
            except torch.OutOfMemoryError:
                torch.cuda.empty_cache()
        measured = rounds({way: _step(runner, way) for way in outcomes}, repeats, vlm.device)
        return {
            "differences": differences(list(outcomes.values())),
            "out of memory": [way for way in WAYS if way not in outcomes],
            "gemm_gflops": gemm_gflops(measured),
            "ways": {
                way: {
                    **measured.row(way, outcomes[way].work),
                    "step_megabytes": peaks[way]["step_megabytes"],
                    "share_of_gemm": measured.share(way, outcomes[way].work.flops),
                }
                for way in outcomes
            },
            "ratios": measured.ratios(),
        }


def measure_evaluation(
    vlm: VisionLanguageModel, picture: Path, questions: list[str], repeats: int
) -> dict[str, Any]:
    """Return the time of one picture's questions in each way, and how many answers differ from ours."""
    by_way: dict[AnswerWay, list[str]] = {}

    def ask(way: AnswerWay) -> None:
        by_way[way] = answers(vlm, way, picture, questions)

    works = {way: count([vlm.model], lambda way=way: ask(way)) for way in ANSWER_WAYS}  # type: ignore[misc]
    measured = rounds({way: lambda way=way: ask(way) for way in ANSWER_WAYS}, repeats, vlm.device)  # type: ignore[misc]
    return {
        "questions": len(questions),
        "different_answers": {
            way: sum(
                answer != expected for answer, expected in zip(by_way[way], by_way["shared"], strict=True)
            )
            for way in ANSWER_WAYS
        },
        "gemm_gflops": gemm_gflops(measured),
        "ways": {
            way: measured.row(way, works[way])
            | {"questions_per_second": measured.per_second(way, len(questions))}
            for way in ANSWER_WAYS
        },
        "ratios": measured.ratios(),
    }


def measure_many(vlm: VisionLanguageModel, pictures: list[Path], questions: list[str]) -> dict[str, Any]:
    """Return the questions per second of our path over many pictures."""
    with _peak(vlm.device) as peak:
        _, seconds = timed(lambda: shared_answers(vlm, pictures, questions), vlm.device)
    total = len(pictures) * len(questions)
    return {"questions": total, "questions_per_second": round(total / seconds, 1), **peak}


@contextmanager
def _peak(device: torch.device) -> Iterator[dict[str, float]]:
    """Fill in the most memory in use meanwhile, in all and beyond what was in use before."""
    results: dict[str, float] = {}
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
    else:
        before = int(resident() * 2**20)
        forget_highest()
    yield results
    on_gpu = device.type == "cuda"
    most = torch.cuda.max_memory_allocated(device) if on_gpu else int(highest() * 2**20)
    results["step_megabytes"] = round((most - before) / 2**20, 1)
    results["gigabytes_in_all"] = round(most / _GIGABYTE, 2)


def _step(runner: Steps, way: Way) -> Any:
    return lambda: runner.run(way)


def _switch_dropout_on(model: nn.Module) -> None:
    for name, module in model.named_modules():
        if "lora_dropout" in name:
            module.train()


if __name__ == "__main__":
    main()
