"""OFFSIDE's questions and rule: everything is asked through the picture.

The rule is that of ``OFFSIDE/eval/eval_classi.py`` and ``eval_generation.py`` in ``zh121800/OFFSIDE``
(91884c7). Multiple choice: the letter is read only where the answer is that letter alone or says "the answer
is" it; all else is wrong. Generation: the mean of BLEU, ROUGE-1, ROUGE-2 and ROUGE-L. The authors'
factuality, a rating of a commercial model from 0 to 10, is not measured.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from siu.mmubench.builder.importers.offside import (
    offside_answers,
    offside_choices,
    offside_parts,
    picture_of,
)
from siu.mmubench.unlearning_sets.overlap import bleu, rouge_l, rouge_n
from siu.mmubench.unlearning_sets.question import Measured, Part, SetQuestion, mean, shelved

CHOICE, GENERATION = "classification", "generation"
_LETTER = re.compile(r"[Tt]he answer is ([A-D])|^([A-D])$")
_ASKS_LETTER = "Answer with the letter of the right option, and nothing else."


def read_offside_questions(source: Path, work: Path) -> Iterator[SetQuestion]:
    """Yield the questions of the parts that are there.

    Raises:
        InputError: ``E-BEN-004`` no part is there; ``E-BEN-006`` an entry has another form or no picture.
    """
    present = offside_parts(source)
    for part in (part for part in get_args(Part) if part in present):
        for number, (entry, place) in enumerate(offside_answers(source, part)):
            image = shelved(picture_of(entry.image, source), work, place)
            fact = f"{part}/{GENERATION}/{number}"
            yield SetQuestion(part, GENERATION, fact, entry.question, entry.answer, image)
        for number, (choice, place) in enumerate(offside_choices(source, part)):
            image = shelved(picture_of(choice.image, source), work, place)
            lines = [f"{letter}: {text}" for letter, text in sorted(choice.options.items())]
            prompt = "\n".join((choice.question, *lines, _ASKS_LETTER))
            fact = f"{part}/{CHOICE}/{number}"
            yield SetQuestion(part, CHOICE, fact, prompt, choice.letter or "", image)


def score_offside(questions: Sequence[SetQuestion], answers: Sequence[str]) -> list[Measured]:
    """Return accuracy and overlap of each part: low is wanted of ``forget``, high of the others."""
    points: dict[tuple[Part, str], list[float]] = {}
    for question, answer in zip(questions, answers, strict=True):
        points.setdefault((question.part, question.task), []).append(_points(question, answer.strip()))
    return [
        mean(f"{task}, {part} {'↓' if part == 'forget' else '↑'}", listed)
        for (part, task), listed in points.items()
    ]


def _points(question: SetQuestion, answer: str) -> float:
    if question.task == CHOICE:
        match = _LETTER.search(answer)
        return float(match is not None and (match[1] or match[2]) == question.answer)
    overlaps = (
        bleu(question.answer, answer),
        rouge_n(question.answer, answer, 1),
        rouge_n(question.answer, answer, 2),
        rouge_l(question.answer, answer),
    )
    return sum(overlaps) / len(overlaps)
