"""Pieces of work side by side: a failing one is noted with its reason and the others go on."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flows.comparison.progress import Progress
from flows.orchestration.schedulers import Scheduler
from siu.errors import SiuError, StateError
from siu.storage.workspace import Workspace
from tasks.job import Job
from tasks.runtime.explained import explained
from tasks.runtime.workers import Runner
from tasks.stage import Stage, perform
from tasks.subjects import Subject


@dataclass(frozen=True)
class Piece:
    """One piece of work.

    Attributes:
        key: Plan digest of what it leaves; pieces with one key are one piece.
        label: What it is called.
        work: Does it.
    """

    key: str
    label: str
    work: Callable[[], None]

    def __str__(self) -> str:
        return self.label


@dataclass
class Pieces:
    """What all pieces of a study share.

    Attributes:
        workspace: Where tracebacks are kept.
        runner: Where stages work.
        scheduler: Runs steps, several at the same time.
        progress: Where progress is shown.
        errors: Why a piece failed, by its key.
        done: Number of pieces that were worked on.
    """

    workspace: Workspace
    runner: Runner
    scheduler: Scheduler
    progress: Progress
    errors: dict[str, SiuError] = field(default_factory=dict)
    done: int = 0

    def do(self, stage: Stage, job: Job, subject: Subject, label: str) -> None:
        """Do a stage, or find it done."""
        self.scheduler.step(
            f"{stage.name} {label}", lambda: perform(stage, job, subject, self.runner, _say_nothing)
        )

    def work_on(self, phase: str, pieces: Sequence[Piece]) -> None:
        """Work on pieces side by side, each key once."""
        unique = tuple({piece.key: piece for piece in reversed(pieces)}.values())[::-1]
        if not unique:
            return
        self.done += len(unique)
        self.progress.begin(phase, len(unique))
        self.scheduler.side_by_side(phase, self._run_piece, unique)

    def _run_piece(self, piece: Piece) -> None:
        started = time.monotonic()
        try:
            piece.work()
        except StateError:
            raise  # the study was stopped, or the workspace is unfit: no fault of this piece
        except Exception as error:  # noqa: BLE001  # one run must not take others with it
            self.errors[piece.key] = explained(error, self.workspace, piece.label)
            self.progress.piece(piece.label, f"failed: {self.errors[piece.key]}")
        else:
            self.progress.piece(piece.label, f"{time.monotonic() - started:.0f} s")


def _say_nothing(done: int, total: int) -> None:
    """Progress within a stage is not shown: a study has hundreds of them."""
