"""What MLflow is told, a line per run in the workspace: written first, then told, again if need be.

The file is only ever appended to. It holds opaque ids, digests and numbers; losses, adapters and answers are
named by their place among the published outputs, and read when they are pushed.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from siu.storage.digest import canonical_json, value_digest
from siu.storage.durable import append_bytes, replace_text

RECORDS = "records.jsonl"
PUSHED = "pushed.json"
OWN_TO_A_START = "prefect.flow_run_id"
"""A tag that another start of the same plan has another value of."""


@dataclass(frozen=True)
class Dataset:
    """Data that a run has read.

    Attributes:
        name: What it is, as a plain word.
        digest: Its digest, or its plan's.
        context: ``training`` or ``evaluation``.
    """

    name: str
    digest: str
    context: str


@dataclass(frozen=True)
class RunRecord:
    """One run, whole.

    Attributes:
        key: Digest of the plan: a plan has one run.
        name: What people see.
        parent: Key of the run above it; empty if there is none.
        status: ``FINISHED``, or ``FAILED`` for a request that was quarantined while it was worked on.
        tags: Tags.
        params: Nested parameters.
        metrics: Name, value and training step of each measurement.
        datasets: What was read.
        losses: The file of step losses, relative to the workspace; empty without training.
        files: What is kept with it: file or folder, relative to the workspace, and the folder in the run.
        answers: Folders of answer records relative to the workspace: of the base model, and last the run's.
    """

    key: str
    name: str
    parent: str = ""
    status: str = "FINISHED"
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    metrics: tuple[tuple[str, float, int], ...] = ()
    datasets: tuple[Dataset, ...] = ()
    losses: str = ""
    files: tuple[tuple[str, str], ...] = ()
    answers: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """Digest of all that it shows; another start of the same plan has the same one."""
        row = asdict(self)
        row["tags"] = {name: value for name, value in self.tags.items() if name != OWN_TO_A_START}
        return value_digest(row)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON-like values."""
        return {"kind": "run", **asdict(self)}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "RunRecord":
        """Return the record of a line."""
        values = {name: value for name, value in row.items() if name != "kind"}
        values["metrics"] = tuple(
            (str(name), float(value), int(step)) for name, value, step in row["metrics"]
        )
        values["datasets"] = tuple(Dataset(**dataset) for dataset in row["datasets"])
        values["files"] = tuple((str(place), str(folder)) for place, folder in row["files"])
        values["answers"] = tuple(row["answers"])
        return cls(**values)


@dataclass(frozen=True)
class ReleaseRecord:
    """Which release is deployed: it becomes a version of the registered model.

    Attributes:
        plan: Plan digest of the release.
        run: Key of its run.
        adapter: The adapter's folder, relative to the workspace.
        digest: Digest of that folder.
        base: The section `base_model`, the base model's digest, and how long answers may be.
        requests: Ids of the requests in it.
    """

    plan: str
    run: str
    adapter: str
    digest: str
    base: dict[str, Any]
    requests: tuple[str, ...]

    @property
    def content(self) -> str:
        """Digest of all of it."""
        return value_digest(asdict(self))

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON-like values."""
        return {"kind": "release", **asdict(self)}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "ReleaseRecord":
        """Return the record of a line."""
        values = {name: value for name, value in row.items() if name != "kind"}
        return cls(**{**values, "requests": tuple(row["requests"])})


Record = RunRecord | ReleaseRecord
_KINDS: dict[str, type[RunRecord] | type[ReleaseRecord]] = {"run": RunRecord, "release": ReleaseRecord}
_RELEASE = "release"


class Records:
    """The records of one workspace, and up to which one a server has them.

    Args:
        folder: Where they are kept; made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self._file, self._mark = folder / RECORDS, folder / PUSHED
        self._last = {_place(record): record.content for record, _ in self._read(0)}

    @property
    def empty(self) -> bool:
        """Whether nothing was ever recorded here."""
        return not self._last

    def add(self, record: Record) -> None:
        """Append a record, unless the last one about the same says the same."""
        if self._last.get(_place(record)) == record.content:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._drop_torn_line()
        append_bytes(self._file, f"{canonical_json(record.to_json())}\n".encode())
        self._last[_place(record)] = record.content

    def waiting(self, server: str) -> Iterator[tuple[Record, int]]:
        """Yield what a server has not been told, each with the position after it."""
        yield from self._read(self._position(server))

    def mark(self, server: str, position: int) -> None:
        """Note up to where a server has been told."""
        replace_text(self._mark, canonical_json({"server": server, "position": position}) + "\n")

    def _position(self, server: str) -> int:
        """Return up to where a server has been told; 0 for another one than last time, or a new database."""
        try:
            mark = json.loads(self._mark.read_text(encoding="utf-8"))
            return int(mark["position"]) if mark["server"] == server else 0
        except (OSError, ValueError, TypeError, KeyError):
            return 0  # telling it again changes nothing

    def _read(self, position: int) -> Iterator[tuple[Record, int]]:
        if not self._file.is_file():
            return
        with self._file.open("rb") as file:
            file.seek(position)
            for line in file:
                position += len(line)
                if line.endswith(b"\n"):  # a killed process may have left half a line
                    row = json.loads(line)
                    yield _KINDS[row["kind"]].from_json(row), position

    def _drop_torn_line(self) -> None:
        """Cut off the half of a line that a killed process has left."""
        if not self._file.is_file():
            return
        with self._file.open("rb+") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            if file.read() in (b"", b"\n"):  # the file may be long, and this is asked before every line
                return
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)


def _place(record: Record) -> str:
    """Return what a record is about: a run, or which release is deployed."""
    return record.key if isinstance(record, RunRecord) else _RELEASE
