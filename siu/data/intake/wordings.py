"""``wordings.csv``: a concept's own questions for measuring, which nobody trains on."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from siu.data.concepts import Concept, Wording, WordingPurpose
from siu.data.intake.collection_tables import cell_text, check_known
from siu.data.intake.table import Row, read_table
from siu.errors import InputError
from siu.language.identity import named
from siu.language.matching import normalise
from siu.language.phrasings import questions
from siu.problems import Problems

COLUMNS = ("concept", "purpose", "question")


def with_wordings(source: Path, concepts: tuple[Concept, ...], problems: Problems) -> tuple[Concept, ...]:
    """Return the concepts with the wordings of ``wordings.csv``, where that is there."""
    if not (source / "wordings.csv").exists():
        return concepts
    by_id = {concept.id: concept for concept in concepts}
    found: defaultdict[str, list[Wording]] = defaultdict(list)
    for row in read_table(source / "wordings.csv", required=COLUMNS, problems=problems):
        with problems.noted():
            check_known(row, "concept", by_id)
            found[row["concept"]].append(_wording(row, by_id[row["concept"]]))
    return tuple(replace(concept, wordings=tuple(found[concept.id])) for concept in concepts)


def trained_wordings(concept: Concept) -> set[str]:
    """Return the recognition questions about a concept that fine-tuning data may hold, normalised."""
    names = (concept.name, *concept.aliases)
    asked: Iterable[str] = (
        *questions("name", concept.kind, split="train"),
        *questions("describe", concept.kind, split="train"),
        *(text for name in names for text in questions("yes_no", concept.kind, split="train", name=name)),
    )
    return {normalise(text) for text in asked}


def _wording(row: Row, concept: Concept) -> Wording:
    purpose, text = row["purpose"], cell_text(row, "question")
    if purpose not in get_args(WordingPurpose):
        remedy = "Use one of " + ", ".join(get_args(WordingPurpose))
        raise InputError("E-COL-117", f"unknown purpose {purpose[:60]!r}", remedy, row.where("purpose"))
    if named(text, (concept.name, *concept.aliases)) is not (purpose == "yes_no"):
        what = "a yes/no question must hold the name, every other must not"
        raise InputError("E-COL-118", what, "Reword it", row.where("question"))
    if normalise(text) in trained_wordings(concept):
        what = "the question is one that is trained on, so it measures nothing"
        raise InputError("E-COL-119", what, "Reword it", row.where("question"))
    return Wording(cast(WordingPurpose, purpose), text)
