"""Records: what one model state answered, and how likely it found the expected answers."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from siu.mmubench.question import Purpose, Question


@dataclass(frozen=True)
class Record:
    """One question put to one model state.

    Attributes:
        question: The question.
        answer: The greedy answer.
        expected_log_probs: Log-probability of each token of the expected answer, teacher-forced.
        name_tokens: Which of those tokens spell the concept's name or the space before it.
        reference_log_probs: Log-probability that the *base model* gives each token of ``answer``; the
            concept's or the substitute's name counts as one token of log(1/|V|). Empty where not measured.
        salad: Share of the answer's words that the base model finds unlikely (`siu.mmubench.salad`); 0 for an
            answer that it gives itself.
    """

    question: Question
    answer: str
    expected_log_probs: tuple[float, ...]
    name_tokens: tuple[bool, ...]
    reference_log_probs: tuple[float, ...] = ()
    salad: float = 0.0


Records = dict[str, Record]
"""Records by question id, in the order of the questions."""


def save_records(records: Records, path: Path) -> None:
    """Write records as Parquet, one row each; equal records give equal bytes."""
    rows = [{"id": key, **asdict(record.question), **_measured(record)} for key, record in records.items()]
    pq.write_table(pa.Table.from_pylist(rows), path)


def load_records(path: Path) -> Records:
    """Read what `save_records` wrote."""
    return {row["id"]: _record(row) for row in pq.read_table(path).to_pylist()}


def select(records: Records, questions: Iterable[Question]) -> Records:
    """Return the records of these questions, in their order.

    Raises:
        KeyError: A question has no record.
    """
    return {question.id: records[question.id] for question in questions}


def with_purpose(records: Records, *purposes: Purpose, held_out: bool | None = None) -> list[Record]:
    """Return the records whose question has one of the purposes.

    Args:
        records: All records.
        purposes: The purposes.
        held_out: Only questions about concepts that no training saw, or only the others; None for both.
    """
    return [
        record
        for record in records.values()
        if record.question.purpose in purposes and held_out in (None, record.question.held_out)
    ]


def _measured(record: Record) -> dict[str, object]:
    return {
        "answer": record.answer,
        "expected_log_probs": list(record.expected_log_probs),
        "name_tokens": list(record.name_tokens),
        "reference_log_probs": list(record.reference_log_probs),
        "salad": record.salad,
    }


def _record(row: dict[str, Any]) -> Record:
    return Record(
        Question(**{key: _plain(row[key]) for key in Question.__dataclass_fields__}),
        row["answer"],
        tuple(row["expected_log_probs"]),
        tuple(row["name_tokens"]),
        tuple(row["reference_log_probs"]),
        row["salad"],
    )


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
