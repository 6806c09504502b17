"""One concept of the embedded model: construct, unlearn, and ask before and after."""

import tempfile
from itertools import count, islice
from pathlib import Path
from typing import Any

import torch

from benchmarks.measuring import timed
from benchmarks.two_cores import before_and_after
from siu.collection import Collection, load_collection
from siu.concepts import Concept
from siu.conceptworld import draw_collection
from siu.finetuning_data import build_data, choose_substitutes, make_views, picture_paths
from siu.mmubench import Question, answer_questions
from siu.models import VisionLanguageModel
from siu.params import Params
from siu.phrasings import answer, questions
from siu.unlearning import unlearn

MANY = 100
"""Questions on each picture for the workers."""


def one_concept(vlm: VisionLanguageModel, pictures: int, asked: int) -> dict[str, Any]:
    """Return the seconds of each part, nothing being kept from before; drawing the world is not counted.

    Args:
        vlm: The embedded model.
        pictures: Unseen pictures.
        asked: Questions per picture.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw_collection(folder / "world", seed=0, test_pictures=pictures)
        collection = load_collection(folder / "world")
        return _measure(vlm, collection, folder, asked)


def _measure(vlm: VisionLanguageModel, collection: Collection, folder: Path, asked: int) -> dict[str, Any]:
    vlm.drop_inputs()
    params, concept = Params(), collection.concepts[0]
    picture = collection.path(collection.pictures_of(concept.id, split="train")[0])
    put = _questions(collection, concept, asked)
    paths = picture_paths(collection)
    made: dict[str, Any] = {}

    def construct() -> None:
        chosen = choose_substitutes([concept], collection, seed=0)[concept.id]
        made["views"] = make_views(picture, folder / "views", count=params.finetuning_data.views, seed=0)
        made["data"] = build_data(vlm, collection, concept, picture, chosen, params, views=made["views"])

    def forget() -> None:
        known = picture_paths(collection, *made["views"])
        unlearn(vlm, [made["data"]], known, params, folder / "adapter")

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
    many = _questions(collection, concept, MANY)
    spread = before_and_after(collection, many, folder / "adapter", params, folder / "records")
    return {
        "questions": len(put),
        "cpu_seconds": {name: round(cpu, 2) for name, (cpu, _) in took.items()},
        "wall_seconds": {name: round(wall, 2) for name, (_, wall) in took.items()},
        "cpu_seconds_total": round(sum(cpu for cpu, _ in took.values()), 2),
        "wall_seconds_total": round(sum(wall for _, wall in took.values()), 2),
        "named": named,
        f"{MANY} questions each, by workers": spread,
    }


def _questions(collection: Collection, concept: Concept, asked: int) -> list[Question]:
    """Return ``asked`` questions on each unseen picture: names, descriptions, yes or no, in all wordings."""
    named, yes = answer("named", concept.kind, name=concept.name), answer("yes", concept.kind)
    wordings = [
        *_wordings(concept, "name", named),
        *_wordings(concept, "yes_no", yes, name=concept.name),
        *_wordings(concept, "describe", named),
    ]
    numbered = ((*one, again) for again in count() for one in wordings)
    put = list(islice(numbered, asked))
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
