"""What a sequential strategy stores beside the adapter: ids, and names or second moments where it says so."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from safetensors.torch import load_file, save_file

from siu.data.concepts import Concept, Kind
from siu.errors import StateError
from siu.storage.jsonl import read_jsonl, write_jsonl
from siu.unlearning.inheritance import Moments

CONCEPTS, MOMENTS = "concepts.jsonl", "moments.safetensors"


@dataclass(frozen=True)
class Remembered:
    """An earlier concept.

    Attributes:
        id: Opaque.
        kind: What it is.
        names: Name and aliases; empty unless the strategy stores names.
        substitute: The name it was given instead; empty like the names.
    """

    id: str
    kind: Kind
    names: tuple[str, ...] = ()
    substitute: str = ""

    def concept(self, known: Sequence[Concept]) -> Concept:
        """Return it as a concept: the collection's, or one of its names alone."""
        own = next((concept for concept in known if concept.id == self.id), None)
        return own or Concept(self.id, self.names[0], self.kind, self.names[1:])


@dataclass(frozen=True)
class Memory:
    """Everything stored after a release.

    Attributes:
        concepts: All concepts that were forgotten so far.
        moments: Sums over them of the mean second moments of the adapted layers' inputs.
    """

    concepts: tuple[Remembered, ...] = ()
    moments: Moments = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[str]:
        """Ids of all of them."""
        return frozenset(one.id for one in self.concepts)

    def save(self, folder: Path) -> None:
        """Write it; equal memories give equal bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        rows = [
            {"id": one.id, "kind": one.kind, "names": one.names, "substitute": one.substitute}
            for one in self.concepts
        ]
        write_jsonl(folder / CONCEPTS, rows)
        if self.moments:
            save_file(dict(sorted(self.moments.items())), folder / MOMENTS)

    @classmethod
    def load(cls, folder: Path) -> "Memory":
        """Read what `save` wrote.

        Raises:
            StateError: ``E-REL-020`` there is none: another strategy made the release.
        """
        try:
            rows = list(read_jsonl(folder / CONCEPTS))
        except (OSError, json.JSONDecodeError):
            raise StateError(
                "E-REL-020",
                "the release before left nothing to go on from",
                "Set release.strategy to what that release was made with, or begin anew with joint",
                str(folder),
            ) from None
        concepts = tuple(
            Remembered(row["id"], row["kind"], tuple(row["names"]), row["substitute"]) for row in rows
        )
        file = folder / MOMENTS
        return cls(concepts, load_file(file) if file.is_file() else {})
