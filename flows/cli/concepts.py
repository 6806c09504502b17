"""`siu concepts`: what the collection holds, and so what can be forgotten and measured."""

from dataclasses import dataclass

from siu.data.collection import load_collection
from siu.storage.workspace import Workspace


@dataclass(frozen=True)
class KnownConcept:
    """One concept of the collection.

    Attributes:
        id: Its id.
        name: Its display name, as a request has to write it.
        kind: Kind of concept.
        pictures: Unseen pictures that it is measured on.
        is_held_out: Whether no training sees it, unless it is itself to be forgotten.
    """

    id: str
    name: str
    kind: str
    pictures: int
    is_held_out: bool


def known_concepts(workspace: Workspace) -> list[KnownConcept]:
    """Return the collection's concepts, in its order.

    Raises:
        InputError: ``E-COL-002`` there is no collection yet: `siu prepare` makes it.
        PreflightError: The parameters can't be read.
    """
    from siu.finetuning_data import held_out_concepts

    params = workspace.params()
    collection = load_collection(workspace.collection(params))
    held_out = held_out_concepts(collection.concepts, params.finetuning_data.held_out, params.seed)
    return [
        KnownConcept(
            concept.id,
            concept.name,
            concept.kind,
            len(collection.pictures_of(concept.id)),
            concept.id in held_out,
        )
        for concept in collection.concepts
    ]
