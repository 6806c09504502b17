"""What a batch costs beside torch: ``python -m benchmarks.overheads``.

Twelve concepts of the drawn world go through the whole chain with a tiny recipe, in this process, one after
the other. Counted are CPU seconds, since a shared machine's wall time says little. A hundred times a second a
thread looks at what all others do, and the CPU seconds are shared out by that: a profiler that counts calls
would make Python three times as slow, and torch not. What our own files call in torch, and waiting for the
disk, counts as beside the model: too much rather than too little. So do MLflow's thread and DVC's process;
imports, once per process, are given by themselves. Prefect is measured by `siu batch` where everything is
there already.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from ruamel.yaml import YAML

from flows.batch import run_batch
from flows.cli.init import lay_out, put_under_version_control
from flows.orchestration.schedulers import Plain, Pool, Threads
from flows.terminal.quiet import quiet
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
"""What the model's work is done by."""
WAITING = ("threading.py", "selectors.py", "queue.py", "thread.py")
MODEL, IMPORTS, TRACKING, OTHER = "model", "imports", "MLflow", "other"
SECONDS = 0.01
ROOT = Path(__file__).parents[1]
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

    write_requests(workspace.root, concepts(), ids, draw)
    with workspace.params_file.open("w", encoding="utf-8") as file:
        YAML().dump(TINY, file)
    put_under_version_control(workspace.root)
    quiet(workspace.prefect_home)
    return workspace


def measured(workspace: Workspace, count: int, top: int) -> dict[str, Any]:
    """Run the batch and return its CPU seconds: by torch, and per concept by everything else."""
    import torch  # its import is no part of a batch

    torch.set_num_threads(1)
    process, children = time.process_time(), _children()
    with Sampler() as sampler:
        result = run_batch(workspace, InOneThread(1), runner=Inline())
    process, children = time.process_time() - process, _children() - children
    per_look = process / sampler.looks.total()
    model, imports = (sampler.looks[what] * per_look for what in (MODEL, IMPORTS))
    beside = process - model - imports + children
    return {
        "requests served": sum(outcome.error is None for outcome in result.outcomes),
        "model": round(model, 2),
        "imports": round(imports, 2),
        "beside them": round(beside, 2),
        "of that MLflow's thread": round(sampler.looks[TRACKING] * per_look, 2),
        "of that other processes": round(children, 2),
        "per concept": round(beside / count, 3),
        "goal": GOAL,
        "most": {place: round(looks * per_look, 3) for place, looks in sampler.places.most_common(top)},
    }


class Sampler(threading.Thread):
    """A context in which is noted what every other thread does; one that waits does nothing.

    Attributes:
        looks: How often a thread was with the model, importing, telling MLflow, or at something else.
        places: How often it was at which function of ours, of what is none of the first two.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.looks: Counter[str] = Counter()
        self.places: Counter[str] = Counter()
        self._ended = threading.Event()

    def __enter__(self) -> "Sampler":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Look until the context is left."""
        while not self._ended.wait(SECONDS):
            names = {thread.ident: thread.name for thread in threading.enumerate()}
            for thread, frame in sys._current_frames().items():
                if thread != self.ident:
                    self._note(list(_files(frame)), names.get(thread, ""))

    def _note(self, stack: list[tuple[str, str]], thread: str) -> None:
        leaf = stack[0][0]
        if leaf.endswith(WAITING):
            return
        if any("importlib._bootstrap" in file for file, _ in stack):
            self.looks[IMPORTS] += 1
        elif any(f"/{library}/" in leaf for library in LIBRARIES) or leaf.endswith("lean_lora.py"):
            self.looks[MODEL] += 1
        else:
            self.looks[TRACKING if thread == "mlflow" else OTHER] += 1
            ours = next((f"{Path(file).stem}.{name}" for file, name in stack if _is_ours(file)), leaf)
            self.places[ours] += 1


def _files(frame: FrameType | None) -> Iterator[tuple[str, str]]:
    while frame is not None:
        yield frame.f_code.co_filename, frame.f_code.co_name
        frame = frame.f_back


def _is_ours(file: str) -> bool:
    return any(file.startswith(str(ROOT / package)) for package in ("siu", "tasks", "flows"))


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
