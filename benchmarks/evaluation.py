"""Questions about pictures, answered in four ways."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from benchmarks.baseline import batched, one_by_one
from benchmarks.steps import paths_of
from siu.models import Turn, TurnEncoder, VisionLanguageModel, generate

AnswerWay = Literal["one by one", "batched", "plain", "shared"]
ANSWER_WAYS: tuple[AnswerWay, ...] = ("one by one", "batched", "plain", "shared")
NEW_TOKENS = 12


def answers(vlm: VisionLanguageModel, way: AnswerWay, picture: Path, questions: Sequence[str]) -> list[str]:
    """Return the greedy answers about one picture that the model has not seen before.

    ``one by one`` and ``batched`` are `benchmarks.baseline`; ``plain`` is our path of whole rows with vision
    features kept, ``shared`` our path. Encoding and preprocessing are part of all four.
    """
    if way == "one by one":
        return one_by_one(vlm, picture, questions, NEW_TOKENS)
    if way == "batched":
        return batched(vlm, picture, questions, NEW_TOKENS)
    with paths_of(vlm, shared=way == "shared"):
        return shared_answers(vlm, [picture], questions)


def shared_answers(
    vlm: VisionLanguageModel,
    pictures: Sequence[Path],
    questions: Sequence[str],
    on_done: Callable[[int], None] = lambda count: None,
) -> list[str]:
    """Return our engine's answers to all questions about each picture, nothing of it kept from before."""
    vlm.drop_inputs()
    encoder = TurnEncoder(vlm)
    turns = [
        encoder.encode(Turn(question, picture=picture)) for picture in pictures for question in questions
    ]
    return generate(vlm, turns, max_new_tokens=NEW_TOKENS, batch_size=max(len(questions), 1), on_done=on_done)
