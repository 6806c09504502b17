"""One pass per model state gives the answers and the scores of the expected ones."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from siu.language import name_spans
from siu.mmubench.question import Question
from siu.mmubench.records import Record, Records
from siu.models import (
    EncodedTurn,
    Turn,
    TurnEncoder,
    VisionLanguageModel,
    answer,
    loaded_adapter,
    token_log_probs,
)
from siu.models.token_spans import specified_tokens
from siu.params import EvaluationParams

FLUENCY_PURPOSES = frozenset({"name"})


def answer_questions(
    vlm: VisionLanguageModel,
    adapter: Path | None,
    questions: Sequence[Question],
    paths: dict[str, Path],
    params: EvaluationParams,
    *,
    on_done: Callable[[int], None] = lambda count: None,
) -> Records:
    """Put questions to one model state.

    Args:
        vlm: The base model.
        adapter: The adapter's folder; None for the base model itself.
        questions: What is asked.
        paths: Picture file by digest.
        params: Batch size and longest answer.
        on_done: Called with the number of questions answered by each batch.
    """
    encoder = TurnEncoder(vlm)
    turns = [_encode(encoder, question, question.expected, paths) for question in questions]
    with loaded_adapter(vlm, adapter):
        replies = answer(
            vlm,
            turns,
            max_new_tokens=params.max_new_tokens,
            batch_size=params.batch_size,
            on_done=on_done,
        )
    answers = [reply.text for reply in replies]
    scored = {} if adapter else {turn: one.log_probs for turn, one in zip(turns, replies, strict=True)}
    fluency = _reference_log_probs(vlm, encoder, questions, answers, paths, params, scored)
    return {
        question.id: Record(
            question,
            answers[index],
            tuple(replies[index].log_probs),
            tuple(_on_names(turns[index], question.expected, question.names)),
            fluency.get(index, ()),
        )
        for index, question in enumerate(questions)
    }


def _encode(encoder: TurnEncoder, question: Question, reply: str, paths: dict[str, Path]) -> EncodedTurn:
    picture = paths[question.picture] if question.picture else None
    return encoder.encode(Turn(question.text, reply, picture))


def _on_names(turn: EncodedTurn, text: str, names: Sequence[str]) -> list[bool]:
    return specified_tokens(turn.spans, _named_ranges(text, names))


def _reference_log_probs(
    vlm: VisionLanguageModel,
    encoder: TurnEncoder,
    questions: Sequence[Question],
    answers: Sequence[str],
    paths: dict[str, Path],
    params: EvaluationParams,
    scored: dict[EncodedTurn, list[float]],
) -> dict[int, tuple[float, ...]]:
    """Return the base model's log-probabilities of the answers, names masked, by question index.

    A blank answer counts as one token of probability 1/|V|. What the base model said as expected is in
    ``scored`` already.
    """
    wanted = [index for index, question in enumerate(questions) if question.purpose in FLUENCY_PURPOSES]
    asked = [index for index in wanted if answers[index]]
    turns = [_encode(encoder, questions[index], answers[index], paths) for index in asked]
    new = [turn for turn in dict.fromkeys(turns) if turn not in scored]
    found = token_log_probs(vlm, new, batch_size=params.batch_size)
    scores = scored | dict(zip(new, found, strict=True))
    uniform = -math.log(vlm.vocabulary_size)
    masked: dict[int, tuple[float, ...]] = dict.fromkeys(wanted, (uniform,))
    for index, turn in zip(asked, turns, strict=True):
        question = questions[index]
        names = (*question.names, *([question.substitute] if question.substitute else []))
        on_names = specified_tokens(turn.spans, _named_ranges(answers[index], names))
        masked[index] = mask_names(scores[turn], on_names, uniform)
    return masked


def _named_ranges(text: str, names: Sequence[str]) -> list[tuple[int, int]]:
    """Return where names stand, with the space before each: some tokenizers spell it as a token of its own.

    That token may be where a model turns to another name, whose first piece has the space in it.
    """
    spans = name_spans(text, names)
    return [(start - (start > 0 and text[start - 1].isspace()), end) for start, end in spans]


def mask_names(log_probs: Sequence[float], on_names: Sequence[bool], uniform: float) -> tuple[float, ...]:
    """Return the log-probabilities with every name as one token of log-probability ``uniform``.

    One, however many pieces spell it: else fluency before and after would compare the lengths of two names.
    """
    masked: list[float] = []
    before = False
    for score, on_name in zip(log_probs, on_names, strict=True):
        if not (on_name and before):
            masked.append(uniform if on_name else score)
        before = on_name
    return tuple(masked)
