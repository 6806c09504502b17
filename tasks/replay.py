"""Replay: the release, loaded by plain transformers and peft, must give the answers that were measured.

Some recorded questions of every request and of what must stay are put to it again. Only where all answers are
the recorded ones is there an output, and only then is anything deployed or exported.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from os.path import relpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siu.errors import StateError
from siu.storage.digest import file_digest
from siu.storage.durable import replace_text
from siu.storage.workspace import Workspace
from tasks.answers import read_answers
from tasks.job import Job
from tasks.release import RELEASE
from tasks.released_answers import RELEASED_ANSWERS
from tasks.runtime.workers import OnProgress
from tasks.stage import Stage
from tasks.subjects import Release
from tasks.unlearn import ADAPTER

if TYPE_CHECKING:
    from siu.mmubench import Record
    from siu.models.plain_answers import RecordedAnswer

QUESTIONS = 12
"""Questions that are put again; at least one of each request."""
REPLAY_FILE = "replay.json"


@dataclass(frozen=True)
class Recording:
    """Recorded answers of a release, and what they were measured with.

    Attributes:
        base_model: Digest of the base model.
        dtype: Precision of its weights.
        four_bit: Whether they were held in 4 bits.
        max_new_tokens: Length at which an answer was cut.
        answers: Question, picture (path from the workspace, digest) and answer of each, as JSON-like rows.
    """

    base_model: str
    dtype: str
    four_bit: bool
    max_new_tokens: int
    answers: tuple[dict[str, Any], ...]

    def recorded(self, workspace: Workspace) -> "list[RecordedAnswer]":
        """Return questions and answers with the pictures' files.

        Raises:
            StateError: ``E-REL-004`` a picture is missing, or another one.
        """
        from siu.models.plain_answers import RecordedAnswer

        rows = []
        for row in self.answers:
            picture = workspace.root / row["picture"] if row["picture"] else None
            if picture and (not picture.is_file() or file_digest(picture) != row["digest"]):
                what = "a picture that the release was measured with is missing or changed"
                raise StateError("E-REL-004", what, "Run `siu batch`", str(picture))
            rows.append(RecordedAnswer(row["question"], picture, row["answer"]))
        return rows


def read_recording(folder: Path) -> Recording:
    """Read what `REPLAY` left."""
    content = json.loads((folder / REPLAY_FILE).read_text(encoding="utf-8"))
    return Recording(**{**content, "answers": tuple(content["answers"])})


def _inputs(job: Job, subject: Release) -> dict[str, Any]:
    return {
        "adapter": RELEASE.digest(job, subject),
        "answers": [RELEASED_ANSWERS.digest(job, part) for part in subject.parts],
        "questions": QUESTIONS,
    }


def _work(job: Job, subject: Release, folder: Path, on_progress: OnProgress) -> None:
    from siu.finetuning_data import picture_paths
    from siu.models.plain_answers import PlainModel, refuse_mismatches
    from tasks.runtime.base_model import drop_models

    params, root = job.params, job.workspace.root
    paths = picture_paths(job.collection(), *(request.image for request in job.requests))
    records = [read_answers(RELEASED_ANSWERS.output(job, part)) for part in subject.parts]
    rows = tuple(
        _row(record, paths, root) for record in sample([list(part.values()) for part in records], QUESTIONS)
    )
    recording = Recording(
        job.base_digest,
        params.base_model.dtype,
        params.base_model.four_bit,
        params.evaluation.max_new_tokens,
        rows,
    )
    adapter = RELEASE.output(job, subject) / ADAPTER
    drop_models()  # two base models may be one too many for a device
    plain = PlainModel(params.base_model, adapter, params.runtime, root=root)
    recorded = recording.recorded(job.workspace)
    refuse_mismatches(plain.mismatches(recorded, recording.max_new_tokens), len(recorded), adapter)
    replace_text(folder / REPLAY_FILE, json.dumps(asdict(recording), indent=1, ensure_ascii=False) + "\n")
    on_progress(1, 1)


def sample(parts: "Sequence[Sequence[Record]]", count: int) -> "list[Record]":
    """Return records of all parts in turn and, within a part, of all kinds of questions in turn.

    Args:
        parts: The records of each request, and those of what must stay.
        count: How many; at least one of each part that has any.
    """
    shelves = [_by_kind(part) for part in parts]
    chosen: list[Record] = []
    turn = 0
    while any(shelves) and (turn == 0 or len(chosen) < count):
        for shelf in shelves:
            if shelf and (turn == 0 or len(chosen) < count):
                chosen.append(shelf.pop(0))
        turn += 1
    return chosen


def _by_kind(records: "Sequence[Record]") -> "list[Record]":
    """Return records with the first of each purpose first, then the second of each; blind to their order."""
    seen: dict[str, int] = {}
    places: list[tuple[int, str, Record]] = []
    for record in sorted(records, key=lambda record: record.question.id):
        purpose = record.question.purpose
        seen[purpose] = seen.get(purpose, 0) + 1
        places.append((seen[purpose], purpose, record))
    return [record for _, _, record in sorted(places, key=lambda place: place[:2])]


def _row(record: "Record", paths: dict[str, Path], root: Path) -> dict[str, Any]:
    question = record.question
    picture = paths[question.picture] if question.picture else None
    return {
        "question": question.text,
        "picture": Path(relpath(picture, root)).as_posix() if picture else None,
        "digest": file_digest(picture) if picture else None,
        "answer": record.answer,
    }


REPLAY = Stage(
    "replay",
    _inputs,
    _work,
    makes="twelve recorded questions and answers that plain transformers and peft gave again",
    reads=("release", "released-answers"),
    step="release",
)
"""The subject is a release."""
