"""Sets with options: ScienceQA-IMG and MMBench."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from siu.errors import InputError
from siu.mmubench.public_sets.item import LETTER, Item, PublicSet, Result, first_file, mean
from siu.mmubench.ratios import Score, scores_interval

LETTERS = "ABCDE"
_ROTATION = 1_000_000
"""MMBench numbers the rotations of a question's options by adding multiples of this to its index."""
_ROWS = 256
"""Rows of MMBench's table that are held at the same time."""
_LETTER = re.compile(r"\(?([A-E])(?:[.:)]\s|[.:)]{0,2}$)|The answer is \(?([A-E])\b")

_OFFICIAL = re.compile(r"The answer is ([A-Z]).")


def chosen_letter(answer: str) -> str | None:
    """Return the option an answer names for MMBench: "B", "B. a cat" or "The answer is B"; None else.

    MMBench's own toolkit lets ChatGPT read what this rule can't; here that counts as wrong.
    """
    match = _LETTER.match(answer.strip())
    return (match.group(1) or match.group(2)) if match else None


def official_letter(answer: str) -> str | None:
    """Return the option by the rule of LLaVA's ``eval_science_qa.py``; None where that says FAILED.

    "B" alone, "B. " with a text after it, or "The answer is B" once anywhere with a character after it. So
    "B.", "(B)" and "B: a cat" fail, as they do there.
    """
    answer = answer.strip()
    if answer in tuple(LETTERS):
        return answer
    if answer[:1] in tuple(LETTERS) and answer[1:3] == ". ":
        return answer[0]
    letters = _OFFICIAL.findall(answer)
    return letters[0] if len(letters) == 1 else None


def read_scienceqa(folder: Path, _work: Path) -> Iterator[Item]:
    """Yield test questions with a picture: ``problems.json``, ``pid_splits.json``, ``images/test/<id>/``."""
    problems = json.loads(first_file(folder, "problems.json").read_text(encoding="utf-8"))
    for key in json.loads(first_file(folder, "pid_splits.json").read_text(encoding="utf-8"))["test"]:
        problem = problems[key]
        if problem.get("image"):
            picture = first_file(
                folder, f"images/test/{key}/{problem['image']}", f"test/{key}/{problem['image']}"
            )
            context = f"Context: {problem['hint']}\n" if problem.get("hint") else ""
            prompt = f"{context}{problem['question']}\n{_options(problem['choices'])}\n{LETTER}"
            yield Item(key, picture, prompt, (LETTERS[problem["answer"]],), question=problem["question"])


def read_mmbench(folder: Path, work: Path) -> Iterator[Item]:
    """Yield ``mmbench_dev_*.tsv``; its pictures, in base64, are written below ``work``.

    A rotation may name another row's index instead of repeating the picture.
    """
    table = first_file(folder, "mmbench_dev_*.tsv", "*.tsv")
    # not the csv module: pictures are longer than its fields may be, and that limit holds for the process
    with pd.read_csv(table, sep="\t", dtype=str, keep_default_na=False, chunksize=_ROWS) as chunks:
        for row in (row for chunk in chunks for row in chunk.to_dict("records")):
            picture = _picture(row["index"], row["image"], work)
            options = [row[letter] for letter in LETTERS[:4] if row.get(letter) not in (None, "", "nan")]
            hint = f"{row['hint']}\n" if row.get("hint") not in (None, "", "nan") else ""
            prompt = f"{hint}{row['question']}\n{_options(options)}\n{LETTER}"
            group = str(int(row["index"]) % _ROTATION)
            yield Item(row["index"], picture, prompt, (row["answer"],), group, row["question"])


def letters(items: Sequence[Item], answers: Sequence[str]) -> Result:
    """Return the share of answers that name the right option (ScienceQA)."""
    return mean(items, _points(items, answers, official_letter))


def circular(items: Sequence[Item], answers: Sequence[str]) -> Result:
    """Return the share of questions right in every rotation of their options (MMBench's CircularEval)."""
    right: dict[str, float] = {}
    for item, point in zip(items, _points(items, answers, chosen_letter), strict=True):
        right[item.group] = min(point, right.get(item.group, 1.0))
    scores = [Score(group, value) for group, value in right.items()]
    return Result(sum(right.values()) / len(right), len(items), scores_interval(scores))


def _points(items: Sequence[Item], answers: Sequence[str], read: Callable[[str], str | None]) -> list[float]:
    pairs = zip(items, answers, strict=True)
    return [float(read(answer) == item.answers[0]) for item, answer in pairs]


def _options(choices: Sequence[str]) -> str:
    return "\n".join(f"{letter}. {text}" for letter, text in zip(LETTERS, choices, strict=False))


def _picture(index: str, value: str, work: Path) -> Path:
    path = work / f"{int(index)}.img"
    if value.isdigit():
        path = work / f"{int(value)}.img"
        if path.is_file():
            return path
    try:
        path.write_bytes(base64.b64decode(value, validate=True))
    except binascii.Error:
        raise InputError("E-PUB-002", f"row {index} holds no picture", "Fetch the set again") from None
    return path


SCIENCEQA = PublicSet("scienceqa", read_scienceqa, letters)
MMBENCH = PublicSet("mmbench", read_mmbench, circular)
