"""What a sequential strategy stores beside the adapter: ids, and names or second moments where it says so."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from siu.data.concepts import Concept, Kind
from siu.errors import StateError
from siu.storage.jsonl import read_jsonl, write_jsonl
from siu.strategies.strategy import Strategy
from siu.unlearning.inheritance import Moments

CONCEPTS, MOMENTS, STRATEGY = "concepts.jsonl", "moments.safetensors", "strategy.json"


@dataclass(frozen=True)
class EarlierConcept:
    """A concept that an earlier release has forgotten.

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
        match = next((concept for concept in known if concept.id == self.id), None)
        return match or Concept(self.id, self.names[0], self.kind, self.names[1:])


@dataclass(frozen=True)
class Memory:
    """Everything stored after a release.

    Attributes:
        concepts: All concepts that were forgotten so far.
        moments: Sums over them of the mean second moments of the adapted layers' inputs.
    """

    concepts: tuple[EarlierConcept, ...] = ()
    moments: Moments = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[str]:
        """Ids of all of them."""
        return frozenset(concept.id for concept in self.concepts)

    def save(self, folder: Path, strategy: type[Strategy]) -> None:
        """Write it with the name of the strategy whose it is; equal memories give equal bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        rows = [
            {
                "id": concept.id,
                "kind": concept.kind,
                "names": concept.names,
                "substitute": concept.substitute,
            }
            for concept in self.concepts
        ]
        write_jsonl(folder / CONCEPTS, rows)
        (folder / STRATEGY).write_text(json.dumps({"strategy": strategy.name()}) + "\n", encoding="utf-8")
        if self.moments:
            save_file(dict(sorted(self.moments.items())), folder / MOMENTS)

    @classmethod
    def load(cls, folder: Path, strategy: type[Strategy]) -> "Memory":
        """Read what `save` wrote for the same strategy.

        What earlier versions wrote names no strategy: it is read if it holds what this strategy stores.

        Raises:
            StateError: ``E-REL-020`` there is none, or another strategy's.
        """
        try:
            rows = list(read_jsonl(folder / CONCEPTS))
            maker = _maker(folder)
        except (OSError, ValueError, KeyError):
            raise _refusal("the release before left nothing to go on from", folder) from None
        if maker not in (None, strategy.name()):
            what = f"the release before was made by {maker}, release.strategy is {strategy.name()}"
            raise _refusal(what, folder)
        concepts = tuple(
            EarlierConcept(row["id"], row["kind"], tuple(row["names"]), row["substitute"]) for row in rows
        )
        file = folder / MOMENTS
        memory = cls(concepts, load_file(file) if file.is_file() else {})
        if maker is None and not memory.holds(strategy.stores):
            raise _refusal(f"the release before left less than {strategy.name()} stores", folder)
        return memory

    def holds(self, stored: Sequence[str]) -> bool:
        """Return whether names and second moments are here, where they should be stored."""
        has_names = all(concept.names and concept.substitute for concept in self.concepts)
        return (has_names or "names" not in stored) and (
            bool(self.moments) or not self.concepts or "second moments" not in stored
        )


def _maker(folder: Path) -> Any:
    """Return the name of the strategy that wrote a memory; None if an earlier version did."""
    file = folder / STRATEGY
    return json.loads(file.read_text(encoding="utf-8"))["strategy"] if file.is_file() else None


def _refusal(what: str, folder: Path) -> StateError:
    remedy = "Set release.strategy to what that release was made with, or begin anew with joint"
    return StateError("E-REL-020", what, remedy, str(folder))
