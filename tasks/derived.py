"""Published outputs and what they were made of: the inputs of an output name others by their digests."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from siu.audit.bindings import OUTPUT, outputs_below
from siu.errors import StateError
from siu.storage.digest import folder_digest
from siu.storage.store import read_manifest
from tasks.findings import FINDING
from tasks.unlearn import ADAPTER

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Derived:
    """A published output.

    Attributes:
        key: ``stage/plan``.
        folder: Where it lies.
        inputs: What it was made of; nothing where its manifest can't be read.
    """

    key: str
    folder: Path
    inputs: Mapping[str, Any]

    @property
    def stage(self) -> str:
        """What made it."""
        return self.key.partition("/")[0]

    @property
    def plan(self) -> str:
        """Its plan digest."""
        return self.key.partition("/")[2]

    @property
    def concept(self) -> frozenset[str]:
        """The digest of the concept that a finding is about; empty for everything else."""
        concept = self.inputs.get("concept") if self.stage == FINDING else None
        return frozenset({concept} if isinstance(concept, str) else ())

    @cached_property
    def tokens(self) -> frozenset[str]:
        """By what later outputs name it: its plan, and the digest of an adapter in it, which is read."""
        adapter = self.folder / ADAPTER
        return frozenset({self.plan, folder_digest(adapter)} if adapter.is_dir() else {self.plan})

    @cached_property
    def named(self) -> frozenset[str]:
        """Every digest that its inputs name."""
        return frozenset(_DIGEST.findall(json.dumps(self.inputs)))


def derived_outputs(artifacts: Path) -> dict[str, Derived]:
    """Return all published outputs by key; one whose manifest can't be read was made of nothing known."""
    return {
        key: Derived(key, folder, _inputs(folder))
        for key, folder in outputs_below(artifacts)
        if OUTPUT.fullmatch(key)
    }


def followers(
    outputs: Mapping[str, Derived],
    plans: Iterable[str],
    *,
    passes: Callable[[Derived], bool] = lambda _: True,
    by_concept: bool = False,
) -> set[str]:
    """Return the keys of the outputs of some plans and of all that were made of these.

    Args:
        outputs: All there are.
        plans: Where to begin; also one of which the output is gone.
        passes: Which outputs count; what doesn't is not followed either.
        by_concept: Whether findings about one concept follow one another, whatever adapter was attacked.
    """
    tokens, taken = set(plans), set[str]()
    while True:
        new = {
            key
            for key in outputs.keys() - taken
            if passes(outputs[key])
            and (outputs[key].plan in tokens or not outputs[key].named.isdisjoint(tokens))
        }
        if not new:
            return taken
        taken |= new
        for key in new:
            tokens |= outputs[key].tokens
            tokens |= outputs[key].concept if by_concept else set()


def ancestors(outputs: Mapping[str, Derived], keys: Iterable[str]) -> set[str]:
    """Return the keys of some outputs and of all that these were made of."""
    taken, new = set[str](), set(keys)
    while new:
        taken |= new
        named = set[str]().union(*(outputs[key].named for key in new))
        new = {key for key in outputs.keys() - taken if not outputs[key].tokens.isdisjoint(named)}
    return taken


def _inputs(folder: Path) -> Mapping[str, Any]:
    try:
        inputs = read_manifest(folder)["inputs"]
    except StateError:
        return {}
    return inputs if isinstance(inputs, dict) else {}
