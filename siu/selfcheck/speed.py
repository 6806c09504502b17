"""What speed and precision change: answers in batches and in bfloat16 against one by one in float32."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from siu.config.params import Params
from siu.mmubench import Question, Records, answer_questions
from siu.models import VisionLanguageModel, load_model
from siu.selfcheck.verdicts import changed_share


@dataclass(frozen=True)
class Changed:
    """Answers that differ between two ways to get them.

    Attributes:
        what: The two ways.
        share: Share of the answers.
        questions: How many there are.
    """

    what: str
    share: float
    questions: int


def changed_answers(
    vlm: VisionLanguageModel, questions: Sequence[Question], paths: dict[str, Path], params: Params
) -> tuple[Changed, ...]:
    """Return how many of the base model's answers depend on batches and on precision.

    Args:
        vlm: The base model in float32.
        questions: What is asked, each of them four times.
        paths: Picture file by digest.
        params: Names the base model and the batch size.
    """
    half = params.base_model.model_copy(update={"dtype": "bfloat16"})
    low = load_model(half, params.runtime)
    batched, single = _both(vlm, questions, paths, params)
    low_batched, low_single = _both(low, questions, paths, params)
    return tuple(
        Changed(what, changed_share(first, second), len(questions))
        for what, first, second in (
            ("float32, in batches against one by one", single, batched),
            ("bfloat16, in batches against one by one", low_single, low_batched),
            ("bfloat16 against float32, one by one", single, low_single),
            ("bfloat16 against float32, in batches", batched, low_batched),
        )
    )


def _both(
    vlm: VisionLanguageModel, questions: Sequence[Question], paths: dict[str, Path], params: Params
) -> tuple[Records, Records]:
    """Return the records asked in batches after shared prefixes, and asked one whole row at a time."""
    batched = answer_questions(vlm, None, questions, paths, params.evaluation)
    shared, vlm.prefixes_shared = vlm.prefixes_shared, False
    one_by_one = params.evaluation.model_copy(update={"batch_size": 1})
    try:
        return batched, answer_questions(vlm, None, questions, paths, one_by_one)
    finally:
        vlm.prefixes_shared = shared
