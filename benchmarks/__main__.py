"""The CPU benchmark: ``python -m benchmarks``, or ``make bench``.

One core. Steps and evaluations are interleaved in one run, after the ways were shown to be equal; what is
compared is CPU seconds, since a shared machine's wall time says little. One concept of the embedded model is
done by a worker, which may use two.
"""

import argparse
import json
import tempfile
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.concept import one_concept
from benchmarks.counting import count
from benchmarks.evaluation import ANSWER_WAYS, AnswerWay, answers, shared_answers
from benchmarks.measuring import gemm_gflops, machine, rounds
from benchmarks.memory import forget_highest, highest, resident, step_memory
from benchmarks.sizes import SIZES
from benchmarks.steps import WAYS, Way, assert_equal, differences, outcome, steps
from benchmarks.tables import print_table
from benchmarks.workload import asked_questions, draw_pictures, step_workload
from siu.cores import one_core
from siu.models import VisionLanguageModel

RESULTS = Path(__file__).parent / "results"
STEPS: dict[tuple[int, int], tuple[Way, ...]] = {(4, 4): WAYS, (11, 14): ("plain", "shared")}
"""Samples with the picture and without, and the ways that are timed; all ways are compared."""
QUESTIONS = 20
PICTURES = 49
_CPU = torch.device("cpu")


def main() -> None:
    """Measure, print a table and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", action="append", choices=SIZES, help="default: embedded and mid")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=PICTURES)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the JSON files")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", module="peft|transformers")  # peft asks by an old name, and for a hub
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.size or ["embedded", "mid"]:
        with one_core():
            result = measure(name, options.repeats, options.pictures, options.questions)
        (options.out / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
        print_table(result)


def measure(name: str, repeats: int, pictures: int, questions: int) -> dict[str, Any]:
    """Return everything measured of one size."""
    vlm = SIZES[name].build(_CPU)
    result: dict[str, Any] = {"size": name, "machine": machine(_CPU), "repeats": repeats}
    with tempfile.TemporaryDirectory() as folder:
        files = draw_pictures(Path(folder), pictures)
        result["many pictures"] = measure_many(vlm, files, asked_questions(questions))
        result["steps"] = {
            f"{samples[0]}+{samples[1]}": measure_step(vlm, name, Path(folder), samples, ways, repeats)
            for samples, ways in STEPS.items()
        }
        result["evaluation"] = measure_evaluation(vlm, files[0], asked_questions(questions), repeats)
    if name == "embedded":
        result["concept"] = one_concept(pictures, questions, repeats)
    return result


def measure_step(
    vlm: VisionLanguageModel,
    name: str,
    folder: Path,
    samples: tuple[int, int],
    ways: tuple[Way, ...],
    repeats: int,
) -> dict[str, Any]:
    """Return one step's time, FLOPs, counted work and memory in each way."""
    work = step_workload(folder, *samples)
    with steps(vlm, work, SIZES[name].lora) as runner:
        outcomes = {way: outcome(runner, way) for way in WAYS}
        equal = differences(list(outcomes.values()))
        assert_equal(equal)
        measured = rounds({way: lambda way=way: runner.run(way) for way in ways}, repeats, _CPU)  # type: ignore[misc]
    return {
        "differences": equal,
        "gemm_gflops": gemm_gflops(measured),
        "counted": {way: vars(outcomes[way].work) for way in WAYS},
        "ways": {
            way: measured.row(way, outcomes[way].work) | step_memory(name, way, *samples) for way in ways
        },
        "ratios": measured.ratios(),
    }


def measure_evaluation(
    vlm: VisionLanguageModel, picture: Path, questions: Sequence[str], repeats: int
) -> dict[str, Any]:
    """Return the time of one picture's questions in each way."""
    by_way: dict[AnswerWay, list[str]] = {}

    def ask(way: AnswerWay) -> None:
        by_way[way] = answers(vlm, way, picture, questions)

    works = {way: count([vlm.model], lambda way=way: ask(way)) for way in ANSWER_WAYS}  # type: ignore[misc]
    different = [way for way in ANSWER_WAYS if by_way[way] != by_way["shared"]]
    if different:
        raise SystemExit(f"the answers differ, so their times mean nothing: {', '.join(different)}")
    measured = rounds({way: lambda way=way: ask(way) for way in ANSWER_WAYS}, repeats, _CPU)  # type: ignore[misc]
    return {
        "questions": len(questions),
        "distinct_answers": len(set(by_way["shared"])),
        "gemm_gflops": gemm_gflops(measured),
        "ways": {way: measured.row(way, works[way]) for way in ANSWER_WAYS},
        "ratios": measured.ratios(),
    }


def measure_many(
    vlm: VisionLanguageModel, pictures: Sequence[Path], questions: Sequence[str]
) -> dict[str, Any]:
    """Return cost per picture and memory, lot after lot of pictures, by our path alone."""
    lots: list[dict[str, float]] = []
    forget_highest()
    done, start, before = 0, time.process_time(), resident()

    def mark(count: int) -> None:
        nonlocal done, start
        done += count
        if done % len(questions) ** 2 and done < len(pictures) * len(questions):
            return  # a lot holds as many pictures as a batch has rows
        seen = done // len(questions) - sum(int(lot["pictures"]) for lot in lots)
        seconds = (time.process_time() - start) / seen
        start = time.process_time()
        lots.append(
            {
                "pictures": seen,
                "cpu_seconds_per_picture": round(seconds, 4),
                "megabytes": round(resident() - before, 1),
                "highest_megabytes": round(highest() - before, 1),
            }
        )

    shared_answers(vlm, pictures, questions, mark)
    return {"pictures": len(pictures), "questions": len(questions), "lots": lots}


if __name__ == "__main__":
    main()
