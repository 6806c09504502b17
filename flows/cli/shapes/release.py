"""Releases, as commands print them for programs."""

from typing import Literal

from pydantic import Field

from flows.cli.shapes.shape import Shape


class MemberShape(Shape):
    """A request in a release."""

    request_id: str
    """Opaque id."""
    verdict: str
    """Its verdict in this release."""
    assurance: str
    """How hard that was tested."""
    gates_not_passed: list[str]
    """Metrics whose gates are not passed."""


class AcceptanceShape(Shape):
    """When a release was deployed."""

    time: str
    """When, UTC."""
    actor: str
    """By whom."""
    rule: str
    """automatic, by_person, rollback, or as before."""


class ReleaseShape(Shape):
    """A release."""

    number: int
    """Counted from 1 in the order in which releases were first measured."""
    state: Literal["waiting", "deployed", "replaced", "rolled_back"]
    """Whether it is the deployed one, waits for a person, or was left behind."""
    strictest: str
    """The worst verdict of a member."""
    parent: int | None
    """The release that was deployed when it was measured; null for the first."""
    plan: str
    """Plan digest of the joint adapter."""
    measured: str
    """When it was measured first, UTC."""
    accepted: list[AcceptanceShape]
    """Each time that it was deployed."""
    members: list[MemberShape]
    """Its requests."""


class PastVerdictShape(Shape):
    """A verdict of a request in a release."""

    release: int
    """The release's number."""
    verdict: str
    """The verdict."""


class ReleaseWithHistoryShape(ReleaseShape):
    """A release, with its members' verdicts in all releases."""

    history: dict[str, list[PastVerdictShape]]
    """Request to its verdicts, in the order of releases."""


class ReleaseDifferenceShape(Shape):
    """What one release has otherwise than another."""

    from_: int = Field(alias="from")
    """The first release's number."""
    to: int
    """The second one's."""
    added: list[str]
    """Requests that only the second one has."""
    left: list[str]
    """Requests that only the first one has."""
    verdicts: dict[str, tuple[str, str]]
    """Request to its verdicts in both, where they differ."""
    strictest: tuple[str, str]
    """The worst verdict of each."""
