"""Losses of a training under way: the worker writes a line per step, whoever watches reads along.

A file works for threads, processes and machines of one file system alike, and costs a step some microseconds.
It is gone when the training ends: what counts is the published file of losses.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siu.unlearning.result import StepLoss

FOLDER = "live"


@dataclass(frozen=True)
class Training:
    """A training that may be watched.

    Attributes:
        stage: The stage it is the work of.
        requests: Ids of the requests it serves: one, or those of a release.
        plan: Its plan digest.
    """

    stage: str
    requests: tuple[str, ...]
    plan: str


@contextmanager
def live_losses(tracking: Path, training: Training) -> "Iterator[Callable[[StepLoss], None]]":
    """Yield what writes a step's losses; the file is there as long as the context."""
    file = _file(tracking, training.plan)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("w", encoding="utf-8", buffering=1) as lines:  # a write per line
            lines.write(json.dumps(asdict(training)) + "\n")

            def note(loss: "StepLoss") -> None:
                lines.write(json.dumps(loss.as_dict()) + "\n")

            yield note
    finally:
        file.unlink(missing_ok=True)


class LiveTrainings:
    """Reads along in all trainings of a workspace.

    Args:
        tracking: The workspace's folder of tracking; what a killed process left in it is removed.
    """

    def __init__(self, tracking: Path) -> None:
        self._folder = tracking / FOLDER
        self._positions: dict[str, int] = {}
        self._trainings: dict[str, Training] = {}
        for file in self._folder.glob("*.jsonl"):
            file.unlink(missing_ok=True)

    def new_rows(self) -> list[tuple[Training, list[dict[str, Any]]]]:
        """Return the steps that were done since the last call, of each training that is under way."""
        rows = []
        for file in sorted(self._folder.glob("*.jsonl")):
            lines = self._new_lines(file)
            if lines and "plan" in lines[0]:
                head = lines.pop(0)
                self._trainings[file.stem] = Training(head["stage"], tuple(head["requests"]), head["plan"])
            if file.stem in self._trainings:
                rows.append((self._trainings[file.stem], lines))
        return rows

    def _new_lines(self, file: Path) -> list[dict[str, Any]]:
        position = self._positions.get(file.stem, 0)
        try:
            with file.open("rb") as lines:
                if lines.seek(0, os.SEEK_END) < position:
                    position = 0  # begun again
                lines.seek(position)
                text = lines.read()
        except FileNotFoundError:  # the training has ended
            return []
        whole = text[: text.rfind(b"\n") + 1]  # a line may be half written
        self._positions[file.stem] = position + len(whole)
        return [json.loads(line) for line in whole.splitlines()]


def _file(tracking: Path, plan: str) -> Path:
    return tracking / FOLDER / f"{plan}.jsonl"
