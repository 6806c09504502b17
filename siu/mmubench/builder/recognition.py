"""The recognition filter: does the base model know who is shown? (arXiv 2405.12523, appendix A)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from siu.config.params import EvaluationParams
from siu.data.concepts import Concept
from siu.language.identity import name_spans, named
from siu.language.phrasings import answer, questions
from siu.models import EncodedTurn, Turn, TurnEncoder, VisionLanguageModel, generate, token_log_probs
from siu.models.token_spans import specified_tokens

WORDINGS = 3


@dataclass(frozen=True)
class Recognition:
    """How well the base model knows what one picture shows.

    Attributes:
        named: Share of recognition questions answered with the name or an alias.
        confidence: Mean probability of the name, teacher-forced.
    """

    named: float
    confidence: float


def recognise(
    vlm: VisionLanguageModel,
    concept: Concept,
    pictures: Sequence[Path],
    params: EvaluationParams,
    *,
    on_done: Callable[[int], None] = lambda count: None,
) -> list[Recognition]:
    """Ask the base model who or what each picture shows.

    Args:
        vlm: The base model.
        concept: What the pictures are said to show.
        pictures: Clean picture files.
        params: Batch size and longest answer.
        on_done: Called with the number of questions answered by each batch.
    """
    wordings = questions("name", concept.kind, split="test")[:WORDINGS]
    expected = answer("named", concept.kind, name=concept.name)
    encoder = TurnEncoder(vlm)
    turns = [encoder.encode(Turn(text, expected, picture)) for picture in pictures for text in wordings]
    replies = generate(
        vlm, turns, max_new_tokens=params.max_new_tokens, batch_size=params.batch_size, on_done=on_done
    )
    scores = token_log_probs(vlm, turns, batch_size=params.batch_size)
    names = (concept.name, *concept.aliases)
    right = [named(reply, names) for reply in replies]
    likely = [_name_probability(turn, row, expected, names) for turn, row in zip(turns, scores, strict=True)]
    count = len(wordings)
    return [
        Recognition(sum(right[at : at + count]) / count, sum(likely[at : at + count]) / count)
        for at in range(0, len(turns), count)
    ]


def _name_probability(
    turn: EncodedTurn, log_probs: Sequence[float], text: str, names: Sequence[str]
) -> float:
    on_name = specified_tokens(turn.spans, name_spans(text, names))
    return math.exp(sum(value for value, name in zip(log_probs, on_name, strict=True) if name))
