"""One pass per model state gives the answers and the scores of the expected ones."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from siu.config.params import EvaluationParams
from siu.language.identity import name_spans
from siu.mmubench.question import LIKELIHOOD_PURPOSES, Question
from siu.mmubench.records import Record, Records
from siu.mmubench.salad import unlikely_share
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

FLUENCY_PURPOSES = frozenset({"name"})


def answer_questions(
    vlm: VisionLanguageModel,
    adapter: Path | None,
    questions: Sequence[Question],
    paths: dict[str, Path],
    params: EvaluationParams,
    *,
    before: Records | None = None,
    on_done: Callable[[int], None] = lambda count: None,
) -> Records:
    """Put questions to one model state.

    Answers of an adapted model are read by the base model too: word salad is found wherever it is said.

    Args:
        vlm: The base model.
        adapter: The adapter's folder; None for the base model itself.
        questions: What is asked.
        paths: Picture file by digest.
        params: Batch size and longest answer.
        before: The base model's records: an answer that it gives itself needs no reading.
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
    scored = {} if adapter else {turn: reply.log_probs for turn, reply in zip(turns, replies, strict=True)}
    missing = [
        index
        for index, question in enumerate(questions)
        if question.purpose in FLUENCY_PURPOSES
        or (adapter is not None and not _is_unchanged(question, answers[index], before))
    ]
    readings = _read_by_base(vlm, encoder, questions, answers, missing, paths, params, scored)
    unread = _Reading((), 0.0)
    return {
        question.id: Record(
            question,
            answers[index],
            tuple(replies[index].log_probs),
            tuple(_on_names(turns[index], question.expected, question.names)),
            readings.get(index, unread).log_probs if question.purpose in FLUENCY_PURPOSES else (),
            readings.get(index, unread).salad,
        )
        for index, question in enumerate(questions)
    }


def _is_unchanged(question: Question, reply: str, before: Records | None) -> bool:
    """Return whether the base model answers the same, or the question is asked for likelihoods alone."""
    if question.purpose in LIKELIHOOD_PURPOSES:
        return True
    return before is not None and question.id in before and before[question.id].answer == reply


def _encode(encoder: TurnEncoder, question: Question, reply: str, paths: dict[str, Path]) -> EncodedTurn:
    picture = paths[question.picture] if question.picture else None
    return encoder.encode(Turn(question.text, reply, picture))


def _on_names(turn: EncodedTurn, text: str, names: Sequence[str]) -> list[bool]:
    return specified_tokens(turn.spans, _named_ranges(text, names))


class _Reading(NamedTuple):
    """What the base model says of an answer: its tokens' log-probabilities, names masked, and its salad."""

    log_probs: tuple[float, ...]
    salad: float


def _read_by_base(
    vlm: VisionLanguageModel,
    encoder: TurnEncoder,
    questions: Sequence[Question],
    answers: Sequence[str],
    indices: Sequence[int],
    paths: dict[str, Path],
    params: EvaluationParams,
    scored: dict[EncodedTurn, list[float]],
) -> dict[int, _Reading]:
    """Return what the base model says of the wanted answers, by question index.

    A blank answer counts as one token of probability 1/|V|. What the base model said as expected is in
    ``scored`` already.
    """
    answered = [index for index in indices if answers[index]]
    turns = [_encode(encoder, questions[index], answers[index], paths) for index in answered]
    new = [turn for turn in dict.fromkeys(turns) if turn not in scored]
    log_probs = token_log_probs(vlm, new, batch_size=params.batch_size)
    scores = scored | dict(zip(new, log_probs, strict=True))
    uniform = -math.log(vlm.vocabulary_size)
    readings = dict.fromkeys(indices, _Reading((uniform,), 0.0))
    for index, turn in zip(answered, turns, strict=True):
        question, text = questions[index], answers[index]
        names = (*question.names, *([question.substitute] if question.substitute else []))
        on_names = specified_tokens(turn.spans, _named_ranges(text, names))
        salad = unlikely_share(text, turn.spans, scores[turn], name_spans(text, names))
        readings[index] = _Reading(mask_names(scores[turn], on_names, uniform), salad)
    return readings


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
