"""What a batch costs beside torch: ``python -m benchmarks.overheads``.

Twelve concepts of the drawn world go through the whole chain with a tiny recipe, in this process, one after
the other. Counted are CPU seconds, since a shared machine's wall time says little. The profiler makes Python
slower and torch not: what it gives beside torch is too much rather than too little. MLflow's thread and DVC's
process count too. Prefect is measured by itself: by `siu batch` where everything is there already.
"""

import argparse
import cProfile
import json
import pstats
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from flows.batch import run_batch
from flows.cli.init import lay_out, put_under_version_control
from flows.cli.quiet import quiet
from flows.orchestration.schedulers import Plain, Pool, Threads
from siu.config.params import RuntimeParams
from siu.storage.workspace import Workspace
from siu.worlds.drawn.catalogue import concepts, figures
from siu.worlds.drawn.draw import draw_scene
from siu.worlds.drawn.scene import random_scene
from siu.worlds.requests import write_requests
from tasks.runtime.workers import Inline

CONCEPTS = 12
GOAL = 1.5
"""CPU seconds per concept beside torch."""
LIBRARIES = ("torch", "transformers", "peft", "safetensors", "tokenizers", "PIL")
"""What the model's work is done by; their calls from C have no file and are told by their names."""
TINY: dict[str, dict[str, Any]] = {
    "data": {"test_pictures": 2, "test_groups": 8},
    "finetuning_data": {"name_questions": 1, "description_questions": 1, "yes_no_questions": 1},
    "unlearning": {"steps": 1},
    "evaluation": {"pictures": 1, "questions_per_picture": 1, "other_pictures": 1, "max_new_tokens": 2},
    "attacks": {"profile": "none", "release": "none"},
    "release": {"steps_per_concept": 1, "worst": "failed"},
    "gates": {"known": 0.0},
    "runtime": {"device": "cpu"},
}
SIU = (sys.executable, "-c", "from flows.cli.program import main; main()")
"""The command `siu`, also where it isn't on the path."""


class AtOnce:
    """Runs what is submitted where it is submitted, so that one profiler sees all of it."""

    def submit(self, work: Callable[[], Any]) -> "Future[Any]":
        """Do it and return what came of it."""
        done: Future[Any] = Future()
        done.set_result(work())
        return done


class InOneThread(Plain):
    """A scheduler that does everything in the thread of the batch."""

    @contextmanager
    def pool(self, runtime: RuntimeParams) -> Iterator[Pool]:
        """Take tasks and do each at once."""
        yield Threads(AtOnce())  # type: ignore[arg-type]


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--concepts", type=int, default=CONCEPTS)
    parser.add_argument("--top", type=int, default=25, help="functions listed by their own seconds")
    options = parser.parse_args()
    result: dict[str, Any] = {option: cpu_of((*SIU, option)) for option in ("--help", "--version")}
    with tempfile.TemporaryDirectory() as folder:
        workspace = workspace_of(Path(folder) / "workspace", options.concepts)
        result |= measured(workspace, options.concepts, options.top)
        result["everything there, with Prefect"] = cpu_of((*SIU, "batch", "--workspace", str(workspace.root)))
    sys.stdout.write(json.dumps(result, indent=1) + "\n")


def workspace_of(folder: Path, count: int) -> Workspace:
    """Return a workspace with requests for some concepts of the drawn world and the tiny recipe."""
    workspace = lay_out(folder)
    ids = [concept.id for concept in concepts()][:count]

    def draw(concept_id: str, rng: random.Random) -> Any:
        return draw_scene(random_scene((figures()[concept_id],), rng))

    write_requests(workspace.root, concepts(), dict.fromkeys(ids, "2026-03-02"), draw)
    with workspace.params_file.open("w", encoding="utf-8") as file:
        YAML().dump(TINY, file)
    put_under_version_control(workspace.root)
    quiet(workspace.prefect_home)
    return workspace


def measured(workspace: Workspace, count: int, top: int) -> dict[str, Any]:
    """Run the batch and return its CPU seconds: by torch, and per concept by everything else."""
    import torch  # its import is no part of a batch

    torch.set_num_threads(1)
    profile = cProfile.Profile(time.thread_time)
    thread, process, children = time.thread_time(), time.process_time(), _children()
    result = profile.runcall(run_batch, workspace, InOneThread(1), runner=Inline())
    thread, process = time.thread_time() - thread, time.process_time() - process
    children = _children() - children
    rows = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # not in typeshed
    by_place = {place: float(row[2]) for place, row in rows.items()}
    model = sum(seconds for place, seconds in by_place.items() if _is_model(place))
    beside = process - model + children
    beside_model = sorted(((s, p) for p, s in by_place.items() if not _is_model(p)), reverse=True)[:top]
    return {
        "requests served": sum(outcome.error is None for outcome in result.outcomes),
        "model": round(model, 2),
        "beside it": round(beside, 2),
        "of that other threads": round(process - thread, 2),
        "of that other processes": round(children, 2),
        "per concept": round(beside / count, 3),
        "goal": GOAL,
        "most": {f"{_place(place)}": round(seconds, 3) for seconds, place in beside_model},
    }


def _is_model(place: tuple[str, int, str]) -> bool:
    file, _, name = place
    if file == "~":
        return any(library in name for library in LIBRARIES)
    return any(f"/{library}/" in file for library in LIBRARIES)


def _place(place: tuple[str, int, str]) -> str:
    file, line, name = place
    return name if file == "~" else f"{'/'.join(Path(file).parts[-3:])}:{line} {name}"


def cpu_of(command: tuple[str, ...]) -> float:
    """Return the CPU seconds of a command.

    Raises:
        CalledProcessError: It failed: its seconds would be those of something else.
    """
    before = _children()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return round(_children() - before, 2)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
