"""A large evaluation by two worker processes of one thread each, as `siu evaluate` does it."""

import time
from pathlib import Path
from typing import Any

from siu.config.params import Params
from siu.data.collection import Collection
from siu.evaluation.model_state import model_state
from siu.evaluation.part import Part
from siu.evaluation.record_folder import RecordFolder, parts_of
from siu.finetuning_data import picture_paths
from siu.mmubench import Question
from tasks.runtime.parts import side_by_side
from tasks.runtime.workers import Workers

WORKERS = 2
PART = 512


def before_and_after(
    collection: Collection, questions: list[Question], adapter: Path, params: Params, folder: Path
) -> dict[str, Any]:
    """Return the wall seconds of asking the base model and the adapted one, processes started included.

    Args:
        collection: Holds the pictures.
        questions: What both are asked.
        adapter: The adapter's folder.
        params: The base model and how it is asked.
        folder: Where the records go.
    """
    paths, states = picture_paths(collection), {}
    for trained in (adapter, None):
        states[trained] = model_state(params, trained, {})
    parts = [
        Part(state, params, trained, tuple(part), paths, Path(), folder)
        for trained, state in states.items()
        for part in parts_of(questions, PART)
    ]
    started = time.perf_counter()
    with Workers(WORKERS, threads=1, device="cpu") as workers:
        side_by_side(parts, lambda count: None, workers, WORKERS)
    seconds = time.perf_counter() - started
    answered = sum(len(RecordFolder(folder).load(state.digest)) for state in states.values())
    return {"workers": WORKERS, "answers": answered, "wall_seconds": round(seconds, 2)}
