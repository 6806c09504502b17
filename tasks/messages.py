"""What people are told: each message as JSON for programs and as text; ids, counts, verdicts only."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

MOST = 20
"""Ids that a text names; more are counted."""


@dataclass(frozen=True)
class Message(ABC):
    """A message."""

    event: ClassVar[str]
    """What happened, in one word."""

    def to_json(self) -> dict[str, Any]:
        """Return it as a program reads it."""
        content = {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }
        return {"event": self.event, **content}

    @abstractmethod
    def text(self) -> str:
        """Return what it says, a sentence to a line, with what there is to do."""


def subject_of(message: Message) -> str:
    """Return a message's subject."""
    return f"siu: {message.event.replace('_', ' ')}"


@dataclass(frozen=True)
class ReleaseState:
    """A release as it stands.

    Attributes:
        number: Its number.
        state: ``deployed``, ``waiting`` and so on.
        strictest: The worst verdict of its members.
    """

    number: int
    state: str
    strictest: str


@dataclass(frozen=True)
class BatchEnded(Message):
    """A batch ended.

    Attributes:
        requests: How many it had.
        verdicts: How many of them have each verdict.
        release: The release, if there is one.
    """

    requests: int
    verdicts: dict[str, int]
    release: ReleaseState | None = None

    event: ClassVar[str] = "batch_ended"

    def to_json(self) -> dict[str, Any]:
        """Return it as a program reads it."""
        content = super().to_json()
        if self.release is None:
            del content["release"]
        return content

    def text(self) -> str:
        """Return counts, and how the release stands."""
        counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(self.verdicts.items()))
        lines = [f"{self.requests} requests: {counts or 'none'}."]
        if release := self.release:
            worst = f"its worst verdict is {release.strictest}"
            lines.append(f"Release {release.number} is {release.state}; {worst}.")
        return "\n".join(lines)


@dataclass(frozen=True)
class GateFailed(Message):
    """Members of a release don't pass a gate.

    Attributes:
        requests: Their ids.
    """

    requests: tuple[str, ...]

    event: ClassVar[str] = "gate_failed"

    def text(self) -> str:
        """Return whose gates."""
        return f"The release doesn't pass every gate for {_ids(self.requests)}.\nSee: siu release list"


@dataclass(frozen=True)
class ReleaseWaits(Message):
    """A release waits for a person.

    Attributes:
        release: Its number.
    """

    release: int

    event: ClassVar[str] = "person_needed"

    def to_json(self) -> dict[str, Any]:
        """Return it as a program reads it."""
        return {**super().to_json(), "why": "it waits to be accepted"}

    def text(self) -> str:
        """Return how it is accepted."""
        command = f"siu release accept {self.release} --reason ..."
        return f"Release {self.release} waits to be accepted: {command}"


@dataclass(frozen=True)
class RequestsWait(Message):
    """Requests wait for a person.

    Attributes:
        quarantined: Those that could not be served.
        unclear: Those about which the evidence disagrees.
    """

    quarantined: tuple[str, ...]
    unclear: tuple[str, ...]

    event: ClassVar[str] = "person_needed"

    def text(self) -> str:
        """Return which, and where to look."""
        lines = []
        if self.quarantined:
            lines.append(f"In quarantine: {_ids(self.quarantined)}. See: siu status")
        if self.unclear:
            lines.append(f"Unclear: {_ids(self.unclear)}. See: siu report")
        return "\n".join(lines)


@dataclass(frozen=True)
class NoBatch(Message):
    """A scheduled batch could not be run.

    Attributes:
        batch: The errors' codes.
    """

    batch: str

    event: ClassVar[str] = "person_needed"

    def text(self) -> str:
        """Return the codes."""
        return f"No batch could be run: {self.batch}"


@dataclass(frozen=True)
class DueSoon(Message):
    """Due days are near, or over.

    Attributes:
        requests: Whose.
        overdue: Those of them whose day is over.
    """

    requests: tuple[str, ...]
    overdue: tuple[str, ...]

    event: ClassVar[str] = "due_soon"

    def text(self) -> str:
        """Return which, and which are over."""
        lines = [f"Due soon or overdue: {_ids(self.requests)}. See: siu request list"]
        if self.overdue:
            lines.append(f"Overdue: {_ids(self.overdue)}.")
        return "\n".join(lines)


@dataclass(frozen=True)
class CheckpointSent(Message):
    """A checkpoint of the ledger, for somebody else to keep.

    Attributes:
        size: How many entries it covers.
        checkpoint: Its signed text.
    """

    size: int
    checkpoint: str

    event: ClassVar[str] = "checkpoint"

    def text(self) -> str:
        """Return the checkpoint itself."""
        return f"The ledger's checkpoint of {self.size} entries:\n{self.checkpoint}"


def _ids(request_ids: Sequence[str]) -> str:
    more = f" and {len(request_ids) - MOST} more" if len(request_ids) > MOST else ""
    return ", ".join(request_ids[:MOST]) + more
