"""What computing once and asking in batches is worth, on the embedded model: ``make bench``.

Each figure is a ratio of two ways in one run, interleaved, after both gave equal answers; CPU seconds stand
beside wall seconds, since a shared machine's wall time says little.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from siu.collection import load_collection
from siu.conceptworld import draw_collection
from siu.models import (
    EncodedTurn,
    Turn,
    TurnEncoder,
    VisionLanguageModel,
    generate,
    load_model,
    token_log_probs,
)
from siu.models import features as features_module
from siu.params import BaseModelParams
from siu.phrasings import questions


def main() -> None:
    """Print a table and, if asked, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--pictures", type=int, default=20)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    vlm = load_model(BaseModelParams())
    with tempfile.TemporaryDirectory() as folder:
        turns = make_turns(vlm, Path(folder), options.pictures)
        results = [
            compare("answers: batched, features cached | one by one, pixels", options.repeats,
                    lambda: answers(vlm, turns, 128), lambda: with_pixels(lambda: answers(vlm, turns, 1))),
            compare("scores: batched, features cached | one by one, pixels", options.repeats,
                    lambda: scores(vlm, turns, 128), lambda: with_pixels(lambda: scores(vlm, turns, 1))),
        ]  # fmt: skip
    for result in results:
        print(
            f"{result['what']:<58} {result['ratio_cpu']:5.1f}x CPU ({result['low']:.1f}-{result['high']:.1f})"
        )
    if options.json:
        options.json.write_text(json.dumps({"questions": len(turns), "results": results}, indent=2) + "\n")


def make_turns(vlm: VisionLanguageModel, folder: Path, count: int) -> list[EncodedTurn]:
    """Return all test wordings of the recognition question on some unseen pictures, with a given answer."""
    draw_collection(folder, seed=0, test_pictures=count)
    collection = load_collection(folder)
    concept = collection.concepts[0]
    encoder = TurnEncoder(vlm)
    return [
        encoder.encode(Turn(text, f"This is {concept.name}.", collection.path(picture)))
        for picture in collection.pictures_of(concept.id)
        for text in questions("name", concept.kind, split="test")
    ]


def answers(vlm: VisionLanguageModel, turns: list[EncodedTurn], batch_size: int) -> list[str]:
    """Return the greedy answers."""
    return generate(vlm, turns, max_new_tokens=32, batch_size=batch_size)


def scores(vlm: VisionLanguageModel, turns: list[EncodedTurn], batch_size: int) -> list[list[float]]:
    """Return the log-probabilities of the given answers, rounded to what float32 can promise."""
    rows = token_log_probs(vlm, turns, batch_size=batch_size)
    return [[round(value, 2) + 0.0 for value in row] for row in rows]


def with_pixels(run: Callable[[], object]) -> object:
    """Run without cached features: the image processor and the vision tower for every row."""
    cached, features_module.FEATURE_MODELS = features_module.FEATURE_MODELS, frozenset()
    try:
        return run()
    finally:
        features_module.FEATURE_MODELS = cached


def compare(
    what: str, repeats: int, ours: Callable[[], object], plain: Callable[[], object]
) -> dict[str, object]:
    """Return how much longer the plain way takes; both are run once first and must agree."""
    if ours() != plain():
        raise SystemExit(f"{what}: the two ways differ")
    pairs = [(timed(ours), timed(plain)) for _ in range(repeats)]
    ratios = [slow[0] / fast[0] for fast, slow in pairs]
    return {
        "what": what,
        "ratio_cpu": statistics.median(ratios),
        "low": min(ratios),
        "high": max(ratios),
        "ratio_wall": statistics.median(slow[1] / fast[1] for fast, slow in pairs),
        "cpu_seconds": statistics.median(fast[0] for fast, _ in pairs),
    }


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Return CPU and wall seconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    run()
    return time.process_time() - cpu, time.perf_counter() - wall


if __name__ == "__main__":
    main()
