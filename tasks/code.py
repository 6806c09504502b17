"""What of the code decides a result, read once per process, as the code itself is."""

from functools import cache
from importlib.resources import files

from siu.digest import value_digest
from siu.sources import library_versions, source_digest

PARTS = (
    "attacks",
    "finetuning_data",
    "gold",
    "mmubench.judge",
    "models",
    "objectives",
    "report",
    "unlearning",
    "verdict",
)
MMUBENCH = tuple(
    f"mmubench.{module}"
    for module in (
        "answering",
        "bootstrap",
        "concept_questions",
        "metrics",
        "question",
        "records",
        "retained_questions",
        "scorecard",
    )
)
"""What asks and scores; not what builds benchmarks."""
HELD_OUT = "finetuning_data.held_out"
WORDINGS = ("phrasings.yaml", "looks.yaml", "refusals.yaml")
READING = ("phrasings", "matching", "declension", "refusals", "images")


@cache
def code_digests() -> dict[str, str]:
    """Return a digest per part of `siu`, one of the wordings and how they are read, one of the libraries."""
    digests = {part: source_digest(part) for part in PARTS}
    digests["mmubench"] = source_digest(*MMUBENCH, "statistics", HELD_OUT)
    texts = [files("siu").joinpath(name).read_text(encoding="utf-8") for name in WORDINGS]
    digests["wordings"] = value_digest([source_digest(*READING), *texts])
    digests["libraries"] = value_digest(library_versions())
    return digests
