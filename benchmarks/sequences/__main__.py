"""Requests one after another on the drawn world: ``python -m benchmarks.sequences``.

Trains and measures one sequence for each strategy, order and seed, and writes a JSON file for each. A file
that is there is not made again. Ends with the figure and the table of all files in the folder.
"""

import argparse
import json
import tempfile
import warnings
from pathlib import Path

import torch

from benchmarks.sequences.figure import draw
from benchmarks.sequences.protocol import SELECTION, Setting, order_of, run, short_params
from benchmarks.sequences.table import markdown
from siu.config.params import BaseModelParams
from siu.data.collection import load_collection
from siu.models import load_model
from siu.strategies.registry import strategy_class, strategy_names
from siu.worlds.drawn import draw_collection

RESULTS = Path(__file__).parents[1] / "results" / "sequences"
PICTURES, GROUPS = 30, 96
"""Unseen pictures of each concept, and group pictures, of the world that is drawn."""


def main() -> None:
    """Run what is missing, then draw and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strategy", action="append", choices=strategy_names())
    parser.add_argument("--order", action="append", type=int)
    parser.add_argument("--seed", action="append", type=int, help="decides also which others are held out")
    parser.add_argument("--requests", type=int, help="only so many of them, the first ones")
    parser.add_argument("--selection", action="store_true", help="the concepts that settings are chosen on")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the JSON files")
    parser.add_argument("--figure", type=Path, help="default: sequences.png in the folder of JSON files")
    parser.add_argument("--work", type=Path, help="where world, data and adapters go; kept if named")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", module="peft|transformers")
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        for strategy in options.strategy or ():
            for order in options.order or [0]:
                for seed in options.seed or [5]:
                    sequence(strategy, order, seed, options, work)
    draw(options.out, options.figure or options.out / "sequences.png")
    print(markdown(options.out), end="")


def sequence(strategy: str, order: int, seed: int, options: argparse.Namespace, work: Path) -> None:
    """Run one sequence and write its file, unless that is there."""
    what = "selection" if options.selection else "measured"
    file = options.out / f"{strategy}-{what}-order{order}-seed{seed}.json"
    if file.is_file():
        return
    if not (work / "world").is_dir():
        draw_collection(work / "world", seed=0, test_pictures=PICTURES, test_groups=GROUPS)
    collection = load_collection(work / "world")
    final = tuple(concept.id for concept in collection.concepts if concept.id not in SELECTION)
    requests = order_of(SELECTION if options.selection else final, order)[: options.requests]
    setting = Setting(
        load_model(BaseModelParams()),
        collection,
        short_params(seed),
        work / file.stem,
        work / f"data-{seed}",
    )
    rows = list(run(setting, strategy_class(strategy)(), requests))
    content = {"strategy": strategy, "order": order, "seed": seed, "requests": requests, "releases": rows}
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
