"""Records of model states in a folder: Parquet parts that are only ever added.

``<state's digest>/<part>.parquet``; a record's key is its state's digest and its question's id, which covers
the picture. A part appears as a whole, so after a kill all finished parts are there and nothing else counts.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from siu.mmubench import Question, Records, load_records, save_records
from siu.storage.digest import value_digest
from siu.storage.durable import flush

_UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class RecordFolder:
    """Records below one folder.

    Attributes:
        root: The folder; made with the first part.
    """

    root: Path

    def load(self, state: str) -> Records:
        """Return all records of a model state, by question id."""
        parts = sorted((self.root / state).glob("*.parquet"))
        return {key: record for part in parts for key, record in load_records(part).items()}

    def append(self, state: str, records: Records) -> None:
        """Add records as one part; equal parts have equal names, so that none is there twice."""
        folder = self.root / state
        folder.mkdir(parents=True, exist_ok=True)
        name = value_digest(list(records))[:24]
        fresh = folder / f"{name}-{os.getpid()}{_UNFINISHED}"
        save_records(records, fresh)
        flush(fresh)
        fresh.replace(folder / f"{name}.parquet")
        flush(folder)


def parts_of(questions: Sequence[Question], size: int) -> list[list[Question]]:
    """Divide questions into parts of at least ``size``, the last one fewer; a picture's stay together.

    A picture is read once per part.
    """
    by_picture: dict[str | None, list[Question]] = {}
    for question in questions:
        by_picture.setdefault(question.picture, []).append(question)
    parts: list[list[Question]] = [[]]
    for same in by_picture.values():
        if len(parts[-1]) >= size:
            parts.append([])
        parts[-1] += same
    return [part for part in parts if part]
