"""What a workspace holds, as commands print it for programs."""

from typing import Literal

from pydantic import Field

from flows.cli.shapes.shape import Shape


class StatusShape(Shape):
    """Where a request stands."""

    request_id: str
    """Opaque id."""
    state: str
    """The last event that changed something (docs/explanation/pipeline.md)."""
    status: str
    """Where it stands in its life cycle (docs/reference/requests.md)."""
    verdict: str | None
    """The last verdict; null while there is none."""
    assurance: str | None
    """How hard that was tested."""
    code: str | None
    """Why it is in quarantine or refused; null elsewhere."""
    since: str
    """Time of the event, UTC."""
    due: str
    """Day by which it is to be answered."""
    overdue: bool
    """Whether that day has passed while somebody waits."""


class ListedRequestShape(Shape):
    """A request in the order in which requests are due."""

    request_id: str
    """Opaque id."""
    status: str
    """Where it stands in its life cycle."""
    verdict: str | None
    """The last verdict; null while there is none."""
    code: str | None
    """Why it is in quarantine or refused; null elsewhere."""
    received: str
    """Day on which it came in."""
    due: str
    """Day by which it is to be answered."""
    extended: bool
    """Whether that was put off."""
    overdue: bool
    """Whether that day has passed while somebody waits."""


class RequestShape(Shape):
    """All there is to say about a request; private."""

    request_id: str
    """Opaque id."""
    name: str | None
    """The concept's name; null where the request's content is gone, and the next six are left out."""
    kind: str = ""
    """person, creature, landmark, logo or other."""
    image: str = ""
    """File name of its picture."""
    picture: str = ""
    """Digest of the picture's pixels."""
    aliases: list[str] = Field(default=[])
    """Other names that count as naming the concept."""
    force: bool = False
    """Whether it is served though the collection or the base model speaks against it."""
    policy: str = ""
    """What becomes of its data after a release, keep or purge; empty for what params.yaml says."""
    source: str = ""
    """Where it came from."""
    spellings: dict[str, list[str]]
    """Name to the other spellings that are found as it."""
    status: str
    """Where it stands in its life cycle."""
    verdict: str | None
    """The last verdict; null while there is none."""
    received: str | None
    """Day on which it came in; null before a batch has read it."""
    due: str | None
    """Day by which it is to be answered; null before a batch has read it."""
    overdue: bool
    """Whether that day has passed while somebody waits."""
    reasons: dict[str, str]
    """What a person decided (withdrawn, extended) to the reason given."""
    history: list[dict[str, str]]
    """Its events in order, each with `time`, `event`, and what belongs to it."""


class ImportShape(Shape):
    """What came of an import; each request is in one of the four."""

    new: list[str]
    """Requests that were added."""
    known: list[str]
    """Requests that are there already."""
    changed: dict[str, list[str]]
    """Request to the fields that differ from what was taken in, which stays."""
    refused: dict[str, list[str]]
    """Request to what is wrong with it."""
    notes: list[str]
    """What was read differently from how it is written."""


class ConceptShape(Shape):
    """A concept of the collection."""

    id: str
    """Its id."""
    name: str
    """Its name, as a request has to write it."""
    kind: str
    """person, creature, landmark, logo or other."""
    pictures: int
    """Unseen pictures that it is measured on."""
    is_held_out: bool
    """Whether no training sees it, unless it is itself to be forgotten."""


class AnswersShape(Shape):
    """A question and its answers."""

    question: str
    """What was asked."""
    before: str
    """The base model's answer."""
    after: str | None
    """The answer with the adapter; null with `--base`."""
    other_base: bool
    """Whether the adapter isn't known to have been trained on this base model."""
    remark: str
    """What there is to say about the release; empty if there is nothing."""


class VerifiedShape(Shape):
    """What was compared and is as it was written; faults are lines on stderr, with exit code 2."""

    entries: int
    """Whole entries of the ledger."""
    outputs: int
    """Outputs that were compared."""
    files: int
    """Other files that were compared."""
    head: str
    """Hash of the last entry."""
    signed: int
    """Entries that the newest good checkpoint covers."""
    key: str
    """Name of the key that signs; empty if there never was one."""
    notices: list[str]
    """What is no fault and has to be known."""


class KeyShape(Shape):
    """The public key in force."""

    name: str
    """The ledger's name in its checkpoints."""
    id: str
    """The eight hex digits by which signatures name the key."""
    key: str
    """The whole key, as `siu verify --key` takes it."""


class CheckShape(Shape):
    """One thing that was looked at."""

    name: str
    """What was looked at."""
    health: Literal["ok", "warn", "fail"]
    """warn: batches run, and somebody should look; fail: they can't."""
    text: str
    """What was seen."""
    remedy: str
    """What to do; empty where nothing is to be done."""


class RecipientShape(Shape):
    """Somebody who got a release; private."""

    recipient: str
    """Id."""
    name: str | None
    """Who; null where the operator's file lacks it."""
    address: str | None
    """Where to reach them; null likewise."""
    newest: int | None
    """The newest release that they have."""
    acknowledged: int | None
    """The newest release that they have said to use."""
    to_be_told: bool
    """Whether the deployed release is still to be told."""
