"""What a stage works on: a request, what must stay, a release, or a part of one; none holds a name.

A request is its opaque id. Each subject has one text, which is for people to read and is never taken apart.
"""

from dataclasses import dataclass

RELEASE_ROW = "release"
BASE_ROW = "base model"
REPORT_ROW = "report"


@dataclass(frozen=True)
class Retained:
    """Everything that must stay: one subject for all requests."""

    def __str__(self) -> str:
        return "retained"


@dataclass(frozen=True)
class Release:
    """The one adapter that forgets several requests.

    Attributes:
        request_ids: Its requests, in the order of the table.
    """

    request_ids: tuple[str, ...]

    def __str__(self) -> str:
        return "+".join(self.request_ids)

    @property
    def parts(self) -> "tuple[ReleasePart, ...]":
        """What it is asked about: each of its requests, then what must stay."""
        requests = tuple(ReleasePart(self, request_id) for request_id in self.request_ids)
        return (*requests, ReleasePart(self, RETAINED))


@dataclass(frozen=True)
class ReleasePart:
    """What a release is asked about.

    Attributes:
        release: The release.
        part: A request's id, or what must stay.
    """

    release: Release
    part: str | Retained

    def __str__(self) -> str:
        return f"{self.release}/{self.part}"


@dataclass(frozen=True)
class WholeBatch:
    """All requests of a batch and their release: what a report shows."""

    def __str__(self) -> str:
        return "batch"


RETAINED = Retained()
WHOLE_BATCH = WholeBatch()
Subject = str | Retained | Release | ReleasePart | WholeBatch


def row_of(subject: Subject) -> str:
    """Return the row of the display that a subject's work belongs to."""
    if isinstance(subject, Retained):
        return BASE_ROW
    if isinstance(subject, WholeBatch):
        return REPORT_ROW
    return subject if isinstance(subject, str) else RELEASE_ROW
