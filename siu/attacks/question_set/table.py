"""A set of questions as a table that users read and write: language, purpose, kind, question."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import cast, get_args

from siu.attacks.question_set.extend import FIELDS, fits
from siu.attacks.question_set.questions import PURPOSES, QuestionPurpose, SetQuestion, set_languages
from siu.data.concepts import Kind
from siu.data.intake.table import Row, read_table
from siu.errors import InputError
from siu.problems import Problems
from siu.storage.durable import replace_text

COLUMNS = ("language", "purpose", "kind", "question")


def read_questions(path: Path) -> tuple[SetQuestion, ...]:
    """Return the questions of a table.

    Raises:
        PreflightError: ``E-CSV-…`` it can't be read; ``E-ATK-003`` an unknown language, purpose or kind;
            ``E-ATK-004`` a question lacks its field or has another one.
    """
    problems, questions = Problems(), []
    for row in read_table(path, required=COLUMNS, problems=problems):
        with problems.noted():
            questions.append(_question(row))
    problems.raise_if_any()
    return tuple(questions)


def write_questions(questions: Sequence[SetQuestion], path: Path) -> None:
    """Write a table that `read_questions` reads, whole or not at all."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(
        (question.language, question.purpose, question.kind, question.text) for question in questions
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, text.getvalue())


def _question(row: Row) -> SetQuestion:
    known = {"language": set_languages(), "purpose": PURPOSES, "kind": get_args(Kind)}
    for column, allowed in known.items():
        if row[column] not in allowed:
            what = f"unknown {column} {row[column][:60]!r}"
            raise InputError("E-ATK-003", what, "Use one of " + ", ".join(allowed), row.where(column))
    purpose, text = cast(QuestionPurpose, row["purpose"]), row["question"]
    if not fits(text, purpose):
        field = "".join(f"{{{name}}}" for name in FIELDS[purpose]) or "no field in braces"
        remedy = f"A question for {purpose} holds {field}, once and nothing else in braces"
        raise InputError("E-ATK-004", "the question can't be filled in", remedy, row.where("question"))
    return SetQuestion(row["language"], purpose, cast(Kind, row["kind"]), text)
