"""What of the code decides a result, read once per process, as the code itself is."""

from functools import cache
from pathlib import Path

from siu.sources import SourceTree, library_versions
from siu.storage.digest import value_digest

PACKAGES = ("siu", "tasks")
OUTSIDE = (
    "tasks.live_losses",  # what may be watched on the way
    "tasks.worker_process",  # where a stage works and how it tells its progress, not what it makes
    "tasks.workers",
)
LEAVES = (
    "siu.config.attacks",  # checks names against the attacks there are; what is asked for is an input
    "siu.config.file",  # the values of a file are inputs
    "siu.config.unlearning",  # checks names against the objectives there are
)
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
    tree = source_tree(Path(__file__).parents[1])
    return {module: tree.digest(module) for module in WORK} | {LIBRARIES: value_digest(library_versions())}


def code_of(module: str) -> dict[str, str]:
    """Return what of the code decides the result of a module's work."""
    return {part: code_digests()[part] for part in (module, LIBRARIES)}


def source_tree(root: Path) -> SourceTree:
    """Return the sources below a folder that holds `siu` and `tasks`."""
    return SourceTree(root, PACKAGES, outside=OUTSIDE, leaves=LEAVES, covered=COVERED)
