"""What a joint release costs by the number of its members: ``python -m benchmarks.release``.

A few steps on the embedded model, at 3, 6, 12 and 24 members. The members divide a step's samples, and a
release has ``release.steps_per_concept`` steps for each: it shall cost the time of a step times the members.
One core; each number is of a process of its own.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from benchmarks.measuring import machine
from benchmarks.memory import forget_highest, highest, resident
from siu.config.params import BaseModelParams, Params, ReleaseParams, UnlearningParams
from siu.cores import one_core
from siu.data.collection import load_collection
from siu.finetuning_data import FinetuningData, build_data, choose_substitutes, picture_paths
from siu.models import VisionLanguageModel, load_model
from siu.unlearning import TrainingInput, unlearn
from siu.worlds.drawn.collection import draw_collection

MEMBERS = (3, 6, 12, 24)


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=4, help="2 or more: the first one costs more")
    parser.add_argument("--members", type=int, nargs="+", default=MEMBERS)
    options = parser.parse_args()
    if options.steps < 2:
        parser.error("--steps must be 2 or more: the first step is counted apart from the others")
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", module="peft|transformers")
    with tempfile.TemporaryDirectory() as folder, one_core():
        vlm, paths, data = _world(Path(folder), max(options.members))
        rows = [
            _in_a_process(vlm, data[:members], paths, Path(folder), options.steps)
            for members in options.members
        ]
    sys.stdout.write(json.dumps({"machine": machine(torch.device("cpu")), "rows": rows}, indent=1) + "\n")


def _world(folder: Path, members: int) -> tuple[VisionLanguageModel, dict[str, Path], list[FinetuningData]]:
    """Return the embedded model, its world's pictures and the fine-tuning data of the first concepts."""
    vlm = load_model(BaseModelParams())
    draw_collection(folder / "collection", seed=0, test_pictures=2, test_groups=12)
    collection = load_collection(folder / "collection")
    concepts = list(collection.concepts[:members])
    substitutes = choose_substitutes(concepts, collection, seed=0)
    data = []
    for concept in concepts:
        picture = collection.path(collection.pictures_of(concept.id, split="train")[0])
        data.append(build_data(vlm, collection, concept, picture, substitutes[concept.id], Params()))
    return vlm, picture_paths(collection), data


def _in_a_process(
    vlm: VisionLanguageModel,
    data: list[FinetuningData],
    paths: dict[str, Path],
    folder: Path,
    steps: int,
) -> dict[str, Any]:
    """Return what some steps cost, in a fork that has the model and the data."""
    unlearning = UnlearningParams(steps=steps)
    adapter = folder / f"adapter-{len(data)}"

    def train(on_step: Callable[[object], None]) -> None:
        unlearn(TrainingInput(vlm, data, paths, Params(unlearning=unlearning)), adapter, on_step=on_step)

    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_measure, args=(sender, train))
    process.start()
    sender.close()  # so that a child that is killed ends the wait
    try:
        costs: dict[str, Any] = receiver.recv()
    except EOFError:
        process.join()
        raise SystemExit(f"the process with {len(data)} members ended with {process.exitcode}") from None
    process.join()
    total = ReleaseParams().steps_per_concept * len(data)
    extrapolated = costs["cpu_seconds_first_step"] + costs["cpu_seconds_per_step"] * (total - 1)
    return {
        "members": len(data),
        "steps": total,
        **costs,
        "cpu_seconds_extrapolated": round(extrapolated),
    }


def _measure(pipe: Connection, train: Callable[[Callable[[object], None]], None]) -> None:
    before, spent = resident(), []
    forget_highest()
    began = time.process_time()
    train(lambda _: spent.append(time.process_time()))
    pipe.send(
        {
            "cpu_seconds_first_step": round(spent[0] - began, 2),
            "cpu_seconds_per_step": round((spent[-1] - spent[0]) / (len(spent) - 1), 2),
            "peak_mb_above_model": round(highest() - before),
        }
    )


if __name__ == "__main__":
    main()
