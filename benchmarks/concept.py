"""One concept of the embedded model: construct, unlearn, ask before and after; in a worker, as batches do it.

The worker has two cores where the machine has, and the other parts of the benchmark one.
"""

import tempfile
from itertools import count, islice
from pathlib import Path
from typing import Any

import torch

from benchmarks.measuring import timed
from benchmarks.sizes import SIZES
from benchmarks.two_cores import before_and_after
from siu.config.params import Params
from siu.data.collection import Collection, load_collection
from siu.data.concepts import Concept
from siu.finetuning_data import build_data, choose_substitutes, make_composites, make_views, picture_paths
from siu.language.phrasings import answer, questions
from siu.mmubench import Question, answer_questions
from siu.models import VisionLanguageModel
from siu.unlearning import TrainingInput, unlearn
from siu.worlds.drawn import draw_collection
from tasks.runtime.workers import OnProgress, Workers

MANY = 100
"""Questions on each picture for the workers."""


def one_concept(pictures: int, count: int, repeats: int) -> dict[str, Any]:
    """Return the seconds of each part, nothing being kept from before; drawing the world is not counted.

    Args:
        pictures: Unseen pictures.
        count: Questions per picture.
        repeats: How often it is done.
    """
    with tempfile.TemporaryDirectory() as name, Workers(1, threads=1, device="cpu") as workers:
        folder = Path(name)
        draw_collection(folder / "world", seed=0, test_pictures=pictures)
        times = [
            workers.run(in_a_worker, folder, f"{number}", count, on_progress=lambda done, total: None)
            for number in range(repeats)
        ]
        collection = load_collection(folder / "world")
        many = _questions(collection, collection.concepts[0], MANY)
        workers.stop()
        spread = before_and_after(collection, many, folder / "0/adapter", Params(), folder / "records")
    return {"runs": times, f"{MANY} questions each, by workers": spread}


def in_a_worker(folder: Path, name: str, count: int, on_progress: OnProgress) -> dict[str, Any]:
    """Return what one run took: construct, unlearn, ask before and after."""
    vlm, collection = SIZES["embedded"].build(torch.device("cpu")), load_collection(folder / "world")
    (folder / name).mkdir()
    return _measure(vlm, collection, folder / name, count)


def _measure(vlm: VisionLanguageModel, collection: Collection, folder: Path, number: int) -> dict[str, Any]:
    params, concept = Params(), collection.concepts[0]
    picture = collection.path(collection.pictures_of(concept.id, split="train")[0])
    put = _questions(collection, concept, number)
    paths = picture_paths(collection)
    made: dict[str, Any] = {}

    def construct() -> None:
        chosen = choose_substitutes([concept], collection, seed=0)[concept.id]
        made["views"] = make_views(picture, folder / "views", count=params.finetuning_data.views, seed=0)
        shown, folders = (picture, *made["views"]), folder / "composites"
        made["composites"] = make_composites(collection, concept, shown, folders, params)
        parts = {part: made[part] for part in ("views", "composites")}
        made["data"] = build_data(vlm, collection, concept, picture, chosen, params, **parts)

    def forget() -> None:
        known = picture_paths(collection, *made["views"], *(part.path for part in made["composites"]))
        unlearn(TrainingInput(vlm, [made["data"]], known, params), folder / "adapter")

    def ask(state: str) -> None:
        adapter = folder / "adapter" if state == "after" else None
        made[state] = answer_questions(vlm, adapter, put, paths, params.evaluation)

    parts = {
        "construct": construct,
        "unlearn": forget,
        "ask before": lambda: ask("before"),
        "ask after": lambda: ask("after"),
    }
    took = {name: timed(run, torch.device("cpu")) for name, run in parts.items()}
    named = {state: _named(made[state].values(), concept) for state in ("before", "after")}
    return {
        "questions": len(put),
        "cpu_seconds": {name: round(cpu, 2) for name, (cpu, _) in took.items()},
        "wall_seconds": {name: round(wall, 2) for name, (_, wall) in took.items()},
        "cpu_seconds_total": round(sum(cpu for cpu, _ in took.values()), 2),
        "wall_seconds_total": round(sum(wall for _, wall in took.values()), 2),
        "named": named,
    }


def _questions(collection: Collection, concept: Concept, limit: int) -> list[Question]:
    """Return ``limit`` questions on each unseen picture: names, descriptions, yes or no, in all wordings."""
    named, yes = answer("named", concept.kind, name=concept.name), answer("yes", concept.kind)
    wordings = [
        *_wordings(concept, "name", named),
        *_wordings(concept, "yes_no", yes, name=concept.name),
        *_wordings(concept, "describe", named),
    ]
    numbered = ((*wording, again) for again in count() for wording in wordings)
    put = list(islice(numbered, limit))
    return [
        Question(purpose, _again(text, again), expected, (), concept.id, picture.digest, (concept.name,))  # type: ignore[arg-type]
        for picture in collection.pictures_of(concept.id, split="test")
        for purpose, text, expected, again in put
    ]


def _again(text: str, again: int) -> str:
    """Return the question, told apart from itself where all wordings were used up."""
    return f"{text} ({again})" if again else text


def _wordings(concept: Concept, purpose: Any, expected: str, **fields: str) -> list[tuple[str, str, str]]:
    return [
        (purpose, text, expected)
        for split in ("test", "train")
        for text in questions(purpose, concept.kind, split=split, **fields)
    ]


def _named(records: Any, concept: Concept) -> float:
    """Return the share of answers to questions for the name that give it."""
    answers = [record.answer for record in records if record.question.purpose == "name"]
    return round(sum(concept.name in answer for answer in answers) / len(answers), 3)
