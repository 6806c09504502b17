"""A batch as data: what is to be forgotten, from which model, under which parameters.

Everything that a stage's plan digest is made of is known here before any model is loaded.
"""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from siu.collection import Collection, load_collection
from siu.concepts import Concept
from siu.digest import file_digest, value_digest
from siu.errors import InputError
from siu.intake.names import name_key
from siu.intake.requests import ErasureRequest
from siu.params import Params
from siu.problems import Problems
from siu.store import Store
from siu.workspace import Workspace


@dataclass(frozen=True)
class Job:
    """One batch.

    Attributes:
        workspace: Where it runs.
        params: The whole of ``params.yaml``.
        requests: What is asked for, in the order of the table.
        collection_digest: Digest of the concepts and pictures it is measured on.
        base_digest: Digest of the base model.
        code: Digests of what each work imports (`tasks.code.code_digests`).
    """

    workspace: Workspace
    params: Params
    requests: tuple[ErasureRequest, ...]
    collection_digest: str
    base_digest: str
    code: dict[str, str]

    def code_of(self, module: str) -> dict[str, str]:
        """Return what of the code decides a module's work, as it was when the job was planned."""
        return {"sources": self.code[module], "libraries": self.code["libraries"]}

    @property
    def store(self) -> Store:
        """Where the outputs of all stages are published."""
        return Store(self.workspace.artifacts)

    @property
    def request_ids(self) -> tuple[str, ...]:
        """The opaque ids, in the order of the table."""
        return tuple(request.request_id for request in self.requests)

    def request(self, request_id: str) -> ErasureRequest:
        """Return the request with this id."""
        return next(request for request in self.requests if request.request_id == request_id)

    def concept(self, request_id: str) -> Concept:
        """Return the collection's concept of a request's name, or else a new one that only requests know.

        The request's own aliases are added to those the collection has. A new concept has id and kind from
        the first request for it.
        """
        request = self.request(request_id)
        known = _known(self.collection(), request)
        if known is not None:
            names = dict.fromkeys((*known.aliases, known.name, request.name, *request.aliases))
            names.pop(known.name)
            return replace(known, aliases=tuple(names))
        first = next(one for one in self.requests if name_key(one.name) == name_key(request.name))
        return Concept(first.request_id, request.name, first.kind, request.aliases)

    def collection(self) -> Collection:
        """Read the concepts and pictures it is measured on."""
        return cached_collection(self.workspace.collection(self.params), self.collection_digest)


@cache
def cached_collection(folder: Path, _digest: str) -> Collection:
    """Read the collection once per process and content."""
    return load_collection(folder)


def refuse_taken_ids(job: Job) -> None:
    """Refuse requests for something new under the id of a concept that the collection has.

    A new concept takes the id of its request: it would be measured on the other one's pictures.

    Raises:
        PreflightError: ``E-REQ-010`` for each of them.
    """
    collection, problems = job.collection(), Problems()
    taken = {concept.id for concept in collection.concepts}
    for request in job.requests:
        if request.request_id in taken and _known(collection, request) is None:
            what = "the collection has another concept with this id"
            remedy = "Use another request id, or ask by a name that the collection has"
            problems.add(InputError("E-REQ-010", what, remedy, f"request {request.request_id}"))
    problems.raise_if_any()


def without_measurement(job: Job) -> list[str]:
    """Return a line for each request whose name no concept of the collection has: often a slip."""
    collection = job.collection()
    return [
        f"{request.request_id}: no concept of the collection has this name; it is forgotten, "
        "but on no unseen picture can that be measured"
        for request in job.requests
        if _known(collection, request) is None
    ]


def request_digest(request: ErasureRequest) -> str:
    """Return the digest of what a request asks for: name, aliases, kind and the picture's bytes."""
    return value_digest([request.name, list(request.aliases), request.kind, file_digest(request.image)])


def _known(collection: Collection, request: ErasureRequest) -> Concept | None:
    """Return the collection's concept that has the request's name, as name or alias."""
    wanted = name_key(request.name)
    for concept in collection.concepts:
        if wanted in {name_key(name) for name in (concept.name, *concept.aliases)}:
            return concept
    return None
