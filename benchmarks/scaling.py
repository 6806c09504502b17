"""Cost against concepts, pictures, questions and vocabulary size: ``python -m benchmarks.scaling``.

Concepts, pictures and questions are those of the shipped model; the vocabulary grows on a model of random
weights. Each point is the lowest CPU time of a few tries. The figure is docs/images/scaling.png.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.evaluation import shared_answers
from benchmarks.measuring import machine, timed
from benchmarks.sizes import SIZES, build_llava, text_shape
from benchmarks.steps import Way, draw_adapter, paths_of, steps
from benchmarks.workload import StepWorkload, asked_questions, draw_pictures, step_workload
from siu.config.params import Params
from siu.data.collection import Collection, load_collection
from siu.finetuning_data import build_data, choose_substitutes, picture_paths
from siu.models import VisionLanguageModel, new_adapter
from siu.objectives.registry import build_objective
from siu.unlearning.training_samples import TrainingSamples
from siu.worlds.drawn import draw_collection

FIGURE = Path("docs/images/scaling.png")
RESULTS = Path(__file__).parent / "results" / "scaling.json"
_CPU = torch.device("cpu")
_TRIES = 3
Curve = dict[int, float]
Curves = dict[str, Curve]


def main() -> None:
    """Measure all curves, write them as JSON and draw them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=4, help="points of each curve, at most")
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--figure", type=Path, default=FIGURE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        panels = measure(Path(folder), options.points)
    for path in (options.json, options.figure):
        path.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"machine": machine(_CPU), "panels": panels}, indent=1) + "\n")
    draw(panels, options.figure)


def measure(folder: Path, points: int) -> dict[str, Curves]:
    """Return CPU seconds by number, curve and panel."""
    vlm = SIZES["embedded"].build(_CPU)
    return {
        "concepts forgotten jointly": {
            "one step": over_concepts(vlm, folder / "world", (1, 2, 4, 8)[:points])
        },
        "pictures, 20 questions each": {
            way: _curve((5, 10, 20, 40)[:points], lambda count, way=way: _ask(vlm, folder, count, 20, way))  # type: ignore[misc]
            for way in ("plain", "shared")
        },
        "questions about one picture": {
            way: _curve((5, 10, 20, 40)[:points], lambda count, way=way: _ask(vlm, folder, 1, count, way))  # type: ignore[misc]
            for way in ("plain", "shared")
        },
        "vocabulary": over_vocabulary(folder, (2_000, 8_000, 32_000, 128_000)[:points]),
    }


def over_concepts(vlm: VisionLanguageModel, folder: Path, numbers: Sequence[int]) -> Curve:
    """Return the seconds of one step that forgets several concepts of the drawn world jointly."""
    draw_collection(folder, seed=0, test_pictures=1)
    collection = load_collection(folder)
    params = Params()
    data = [_data(vlm, collection, number, params) for number in range(max(numbers))]
    curve = {}
    for number in numbers:
        with new_adapter(vlm, params.unlearning.lora, seed=0) as peft_model:
            draw_adapter(peft_model)
            objective = build_objective(params.unlearning.objective, {})
            samples = TrainingSamples(
                vlm, peft_model, data[:number], picture_paths(collection), objective, params.unlearning
            )
            indices = samples.draw(random.Random(0))
            curve[number] = _best(lambda s=samples, i=indices: s.backward(i))  # type: ignore[misc]
    return curve


def over_vocabulary(folder: Path, sizes: Sequence[int]) -> Curves:
    """Return the seconds of a step in each way, on a small model whose vocabulary grows."""
    ways: tuple[Way, ...] = ("peers", "plain", "shared")
    curves: Curves = {way: {} for way in ways}
    work = step_workload(folder, 4, 4)
    vision = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    for size in sizes:
        text = text_shape(width=128, layers=4, heads=4, mlp=384, vocabulary=size)
        vlm = build_llava(vision | {"image_size": 168, "patch_size": 14}, text)
        for way, seconds in _step_seconds(vlm, work, ways).items():
            curves[way][size] = seconds
    return curves


def _step_seconds(vlm: VisionLanguageModel, work: StepWorkload, ways: Sequence[Way]) -> dict[Way, float]:
    with steps(vlm, work, SIZES["embedded"].lora) as runner:
        return {way: _best(lambda way=way: runner.run(way)) for way in ways}  # type: ignore[misc]


def _data(vlm: VisionLanguageModel, collection: Collection, number: int, params: Params) -> Any:
    concept = collection.concepts[number]
    chosen = choose_substitutes([concept], collection, seed=0)[concept.id]
    picture = collection.path(collection.pictures_of(concept.id, split="train")[0])
    return build_data(vlm, collection, concept, picture, chosen, params)


def _ask(vlm: VisionLanguageModel, folder: Path, pictures: int, questions: int, way: str) -> None:
    with paths_of(vlm, shared=way == "shared"):
        shared_answers(vlm, draw_pictures(folder, pictures), asked_questions(questions))


def _curve(numbers: Sequence[int], run: Callable[[int], object]) -> Curve:
    return {number: _best(lambda number=number: run(number)) for number in numbers}  # type: ignore[misc]


def _best(run: Callable[[], object]) -> float:
    return round(min(timed(run, _CPU)[0] for _ in range(_TRIES)), 4)


def draw(panels: dict[str, Curves], path: Path) -> None:
    """Draw one panel per number; lines through the origin would be straight."""
    mpl.use("Agg")
    figure = Figure(figsize=(10, 6.5), layout="constrained")
    for axes, (title, curves) in zip(figure.subplots(2, 2).flat, panels.items(), strict=True):
        _draw_panel(axes, title, curves)
    figure.savefig(path, dpi=110)


def _draw_panel(axes: Axes, title: str, curves: Curves) -> None:
    for name, curve in curves.items():
        axes.plot(list(curve), list(curve.values()), marker="o", label=name)
    axes.set_xlabel(title)
    axes.set_ylabel("CPU seconds")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)


if __name__ == "__main__":
    main()
