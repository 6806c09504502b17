"""What of the code decides a result, read once per process, as the code itself is."""

from functools import cache
from pathlib import Path
from typing import Any

from siu.registry import ATTACKS, METRICS, OBJECTIVES, STRATEGIES, WORLDS
from siu.sources import SourceTree, library_versions, plugin_digests
from siu.storage.digest import value_digest
from siu.worlds.world import World

PACKAGES = ("siu", "tasks")
OUTSIDE = (
    "tasks.tracking.live_losses",  # what may be watched on the way
    "tasks.runtime.limits",  # how long a stage may work
    "tasks.runtime.worker_process",  # where a stage works and how it tells its progress, not what it makes
    "tasks.runtime.workers",
)
LEAVES = (
    "siu.config.file",  # the values of a file are inputs
    "siu.registry",  # who loads what by name is told below
)
REGISTRIES = {
    "siu.attacks.registry": ATTACKS,
    "siu.mmubench.metric_registry": METRICS,
    "siu.objectives.registry": OBJECTIVES,
    "siu.strategies.registry": STRATEGIES,
}
"""Modules whose users may load all that a registry has, SIU's own and what other packages add.

A world's model is an input by its digest; who draws a world's collection asks `code_of_world`.
"""
COVERED = ("siu.worlds.drawn.weights",)
"""The embedded models: their files are in the base model's and the gold model's digest."""

DRAWING = "siu.worlds.drawn.collection"
IMPORTING = "siu.data.intake.collection_import"
RENDERING = "siu.worlds.logos.collection"
ANSWERING = "siu.evaluation.part"
WORK = (
    ANSWERING,
    DRAWING,
    IMPORTING,
    RENDERING,
    "tasks.answers",
    "tasks.attack",
    "tasks.construct",
    "tasks.evaluate",
    "tasks.findings",
    "tasks.release",
    "tasks.released",
    "tasks.released_answers",
    "tasks.replay",
    "tasks.report",
    "tasks.unlearn",
)
"""The modules whose work is published: that of each stage, and what else is skipped when it is there."""
LIBRARIES = "libraries"


@cache
def code_digests() -> dict[str, str]:
    """Return the digest of the import closure of each module in `WORK`, and one of the libraries."""
    tree = source_tree(Path(__file__).parents[2])
    return {module: _digest(tree, module) for module in WORK} | {LIBRARIES: value_digest(library_versions())}


def _digest(tree: SourceTree, module: str) -> str:
    """Return the digest of a module's closure, and of what other packages add to it."""
    closure = tree.closure(module)
    added = [plugin_digests(registry) for user, registry in REGISTRIES.items() if user in closure]
    digest = tree.digest(module)
    return value_digest([digest, added]) if any(added) else digest


def code_of(module: str) -> dict[str, str]:
    """Return what of the code decides the result of a module's work."""
    return {part: code_digests()[part] for part in (module, LIBRARIES)}


def code_of_world(world: World) -> dict[str, Any]:
    """Return what of the code decides a world's collection; of another package's world all such packages."""
    if world.code in WORK:
        return code_of(world.code)
    return {"plugins": plugin_digests(WORLDS), LIBRARIES: code_digests()[LIBRARIES]}


def source_tree(root: Path) -> SourceTree:
    """Return the sources below a folder that holds `siu` and `tasks`."""
    packages = {module: registry.package for module, registry in REGISTRIES.items()}
    return SourceTree(root, PACKAGES, outside=OUTSIDE, leaves=LEAVES, covered=COVERED, registries=packages)
