"""A batch as data: what is to be forgotten, from which model, under which parameters.

Everything that a stage's plan digest is made of is known here before any model is loaded.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

from rapidfuzz import fuzz, process

from siu.config.params import Params
from siu.data.collection import Collection, load_collection
from siu.data.concepts import Concept
from siu.data.intake.names import name_key
from siu.data.intake.requests import ErasureRequest, RefusedRequest
from siu.errors import InputError
from siu.storage.digest import file_digest, value_digest
from siu.storage.store import Store
from siu.storage.workspace import Workspace

T = TypeVar("T")
NEAR = 70.0
"""Share in percent of what two names have in common, from which one may be a slip for the other."""


@dataclass(frozen=True)
class Job:
    """One batch.

    Attributes:
        workspace: Where it runs.
        params: The whole of ``params.yaml``.
        requests: What is asked for, in the order of the table.
        collection_digest: Digest of the concepts and pictures it is measured on.
        base_digest: Digest of the base model.
        code: Digests of what each work imports (`tasks.runtime.code.code_digests`).
        refused: Requests of the table that can't be served as they are written.
        notes: What of the table was read differently from how it is written; without names.
    """

    workspace: Workspace
    params: Params
    requests: tuple[ErasureRequest, ...]
    collection_digest: str
    base_digest: str
    code: dict[str, str]
    refused: tuple[RefusedRequest, ...] = ()
    notes: tuple[str, ...] = ()

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
        return self._by_id[request_id]

    def concept(self, request_id: str) -> Concept:
        """Return the collection's concept of a request's name, or else a new one that only requests know.

        The request's own aliases are added to those the collection has. A new concept has id and kind from
        the first request for it.
        """
        request = self.request(request_id)
        known = _known(self, request)
        if known is not None:
            names = dict.fromkeys((*known.aliases, known.name, request.name, *request.aliases))
            names.pop(known.name)
            return replace(known, aliases=tuple(names))
        first = self._first_by_name[name_key(request.name)]
        return Concept(first.request_id, request.name, first.kind, request.aliases)

    def collection(self) -> Collection:
        """Read the concepts and pictures it is measured on."""
        return cached_collection(self.workspace.collection(self.params), self.collection_digest)

    def once(self, function: "Callable[[Job], T]") -> T:
        """Return what a module's function makes of this job; made once, it goes wherever the job is sent."""
        if function not in self._made:
            self._made[function] = function(self)
        made: T = self._made[function]
        return made

    @cached_property
    def _made(self) -> dict[Any, Any]:
        return {}

    @cached_property
    def _by_id(self) -> dict[str, ErasureRequest]:
        return {request.request_id: request for request in reversed(self.requests)}

    @cached_property
    def _first_by_name(self) -> dict[str, ErasureRequest]:
        return {name_key(request.name): request for request in reversed(self.requests)}


@cache
def cached_collection(folder: Path, _digest: str) -> Collection:
    """Read the collection once per process and content."""
    return load_collection(folder)


@cache
def _concepts_by_name(folder: Path, digest: str) -> dict[str, Concept]:
    """Return the collection's concepts by the keys of their names and aliases; the first one counts."""
    by_name: dict[str, Concept] = {}
    for concept in cached_collection(folder, digest).concepts:
        for name in (concept.name, *concept.aliases):
            by_name.setdefault(name_key(name), concept)
    return by_name


def held_against_collection(job: Job) -> Job:
    """Return the job with the requests refused that don't go with the collection.

    A name that no concept of the collection has is often a slip: it is served only if the request says so
    (``force``). A new concept takes the id of its request, so that may not be the id of another concept: it
    would be measured on the other one's pictures.

    Returns:
        The job; newly refused are ``E-REQ-010`` the id of another concept, ``012`` a name that is unknown.
    """
    collection = job.collection()
    taken = {concept.id for concept in collection.concepts}
    refused = []
    for request in job.requests:
        if _known(job, request) is not None:
            continue
        problems = [] if request.force else [_unknown_name(collection, request)]
        if request.request_id in taken:
            problems.append(_taken_id(request))
        if problems:
            refused.append(RefusedRequest(request.request_id, tuple(problems)))
    ids = {request.request_id for request in refused}
    served = tuple(request for request in job.requests if request.request_id not in ids)
    return replace(job, requests=served, refused=(*job.refused, *refused))


def _unknown_name(collection: Collection, request: ErasureRequest) -> InputError:
    near = _nearest_name(collection, request.name)
    what = f"no concept of the collection has the name {request.name!r}"
    forced = "write yes into the column force (`siu forget --force`) if it is meant all the same"
    remedy = f"Did you mean {near!r}? Else {forced}" if near else f"{forced[:1].upper()}{forced[1:]}"
    return InputError("E-REQ-012", what, remedy, f"request {request.request_id}")


def _taken_id(request: ErasureRequest) -> InputError:
    what = "the collection has another concept with this id"
    remedy = "Use another request id, or ask by a name that the collection has"
    return InputError("E-REQ-010", what, remedy, f"request {request.request_id}")


def _nearest_name(collection: Collection, name: str) -> str | None:
    """Return the collection's name or alias that a name is most likely a slip for."""
    names = [spelling for concept in collection.concepts for spelling in (concept.name, *concept.aliases)]
    nearest = process.extractOne(name, names, scorer=fuzz.WRatio, processor=name_key, score_cutoff=NEAR)
    return None if nearest is None else str(nearest[0])


def without_measurement(job: Job) -> list[str]:
    """Return a line for each request that is served though no concept of the collection has its name."""
    return [
        f"{request.request_id}: no concept of the collection has this name; it is forgotten, "
        "but on no unseen picture can that be measured"
        for request in job.requests
        if _known(job, request) is None
    ]


def with_few_retained(job: Job) -> list[str]:
    """Return a line where little can be retained beside what is asked for, else none."""
    from siu.finetuning_data.retention import few_retained, retained_concepts

    forgotten = {job.concept(request_id).id for request_id in job.request_ids}
    line = few_retained(retained_concepts(job.collection(), job.params, forgotten))
    return [line] if line else []


def request_digest(request: ErasureRequest) -> str:
    """Return the digest of what a request asks for: name, aliases, kind and the picture's bytes."""
    return value_digest([request.name, list(request.aliases), request.kind, file_digest(request.image)])


def _known(job: Job, request: ErasureRequest) -> Concept | None:
    """Return the collection's concept that has the request's name, as name or alias."""
    by_name = _concepts_by_name(job.workspace.collection(job.params), job.collection_digest)
    return by_name.get(name_key(request.name))
