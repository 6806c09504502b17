"""What model states answer to the questions of another unlearning benchmark, scored by its own rule."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from siu.config.params import EvaluationParams
from siu.errors import InputError
from siu.mmubench.judge import Judge
from siu.mmubench.judge.cache import ReplyCache
from siu.mmubench.prompted import prompted_answers
from siu.mmubench.unlearning_sets.mlubench import read_mlu_questions, score_mlu
from siu.mmubench.unlearning_sets.offside import read_offside_questions, score_offside
from siu.mmubench.unlearning_sets.question import Forget, Measured, SetQuestion
from siu.mmubench.unlearning_sets.umu import read_umu_questions, score_umu
from siu.models import VisionLanguageModel


@dataclass(frozen=True)
class Choices:
    """What a rule may need beside questions and answers.

    Attributes:
        forget: What has to be gone; None for what the set itself wants.
        judge: Rates answers; None rates none.
        cache: The judge's replies.
    """

    forget: Forget | None
    judge: Judge | None
    cache: ReplyCache


@dataclass(frozen=True)
class UnlearningSet:
    """A set whose questions and rule are published.

    Attributes:
        read: Yields the questions of the set's folder; pictures go to the second one.
        score: Its rule.
        asks_both_ways: Whether it asks for facts as text too, so that it can be chosen what has to be gone.
    """

    read: Callable[[Path, Path], Iterator[SetQuestion]]
    score: Callable[[Sequence[SetQuestion], Sequence[str], Choices], list[Measured]]
    asks_both_ways: bool = False


SETS = {
    "mlubench": UnlearningSet(
        read_mlu_questions,
        lambda questions, answers, choices: score_mlu(questions, answers, choices.judge, choices.cache),
    ),
    "umu": UnlearningSet(
        read_umu_questions,
        lambda questions, answers, choices: score_umu(questions, answers, choices.forget or "visual+text"),
        asks_both_ways=True,
    ),
    "offside": UnlearningSet(
        read_offside_questions, lambda questions, answers, _: score_offside(questions, answers)
    ),
}
NAMES = tuple(SETS)
"""The others can be imported only."""


def measure_unlearning_set(
    name: str,
    folder: Path,
    vlm: VisionLanguageModel,
    adapters: tuple[Path | None, ...],
    params: EvaluationParams,
    *,
    forget: Forget | None = None,
    limit: int | None = None,
    judge: Judge | None = None,
    cache: ReplyCache | None = None,
    on_done: Callable[[int], None] = lambda count: None,
) -> tuple[list[Measured], ...]:
    """Return what each model state scores.

    Args:
        name: One of `NAMES`.
        folder: The set's published files.
        vlm: The base model.
        adapters: Model states: an adapter's folder, or None for the base model.
        params: Batch size and longest answer.
        forget: What has to be gone; UMU-Bench only, whose own rule is ``visual+text``.
        limit: Ask about this many facts of each part and task only, spread evenly.
        judge: Rates MLUBench's answers, which are not measured without one.
        cache: The judge's replies.
        on_done: Called with the number of questions answered by each batch.

    Raises:
        InputError: ``E-BEN-004`` the folder has another form, ``006`` a row has, ``007`` the set has no text
            questions to choose about.
    """
    check_forget(name, forget)
    with _questions(name, folder, limit) as questions:
        answers = [prompted_answers(vlm, adapter, questions, params, on_done) for adapter in adapters]
    choices = Choices(forget, judge, cache or ReplyCache(None))
    return tuple(SETS[name].score(questions, replies, choices) for replies in answers)


def check_forget(name: str, forget: Forget | None) -> None:
    """Refuse a choice of what has to be gone for a set that asks through pictures only.

    Raises:
        InputError: ``E-BEN-007`` it does.
    """
    if forget is not None and not SETS[name].asks_both_ways:
        what = f"{name} asks through pictures only, so there is nothing to choose"
        raise InputError("E-BEN-007", what, "Leave --forget out", forget)


@contextmanager
def _questions(name: str, folder: Path, limit: int | None) -> Iterator[list[SetQuestion]]:
    with tempfile.TemporaryDirectory() as work:
        questions = list(SETS[name].read(folder, Path(work)))
        if not questions:
            raise InputError("E-BEN-004", "the set holds no question", "Fetch it again", str(folder))
        yield _spread(questions, limit) if limit else questions


def _spread(questions: list[SetQuestion], limit: int) -> list[SetQuestion]:
    """Return the questions of at most ``limit`` facts of each part and task, evenly spread."""
    facts: dict[tuple[str, str], dict[str, None]] = {}
    for question in questions:
        facts.setdefault((question.part, question.task), {})[question.fact] = None
    chosen = {
        (*key, fact)
        for key, listed in facts.items()
        for fact in list(listed)[:: max(1, -(-len(listed) // limit))]
    }
    return [question for question in questions if (question.part, question.task, question.fact) in chosen]
