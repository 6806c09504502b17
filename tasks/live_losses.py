"""Losses of a training under way: the worker writes a line per step, whoever watches reads along.

A file works for threads, processes and machines of one file system alike, and costs a step some microseconds.
It is gone when the training ends: what counts is the published file of losses.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siu.unlearning.result import StepLoss

FOLDER = "live"


def live_file(tracking: Path, plan: str) -> Path:
    """Return the file of a training with this plan digest."""
    return tracking / FOLDER / f"{plan}.jsonl"


@contextmanager
def live_losses(tracking: Path, plan: str) -> "Iterator[Callable[[StepLoss], None]]":
    """Yield what writes a step's losses; the file is there as long as the context."""
    file = live_file(tracking, plan)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("w", encoding="utf-8", buffering=1) as lines:  # a write per line

            def note(loss: "StepLoss") -> None:
                lines.write(json.dumps(loss.as_dict()) + "\n")

            yield note
    finally:
        file.unlink(missing_ok=True)


class Watched:
    """Reads along in a file that is being written.

    Args:
        file: The file; it may not be there yet, and is not missed when it is gone.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._position = 0

    def new_rows(self) -> list[dict[str, Any]]:
        """Return the lines that were added since the last call."""
        try:
            with self._file.open("rb") as lines:
                lines.seek(self._position)
                text = lines.read()
        except FileNotFoundError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._position += len(whole)
        return [json.loads(line) for line in whole.splitlines()]
