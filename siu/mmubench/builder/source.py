"""A user's folder as the builder finds it: its tables, read and checked before the model does anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from siu.data.concepts import Concept
from siu.data.intake.collection_tables import Questions, read_concepts, read_groups, read_questions
from siu.data.intake.table import Row
from siu.data.intake.wordings import with_wordings
from siu.errors import InputError
from siu.problems import Problems

TAKEN_OVER = "_"
"""How the folders begin whose pictures are taken over as they are: strangers, look-alikes, groups."""


@dataclass(frozen=True)
class Source:
    """What the tables say.

    Attributes:
        folder: The user's folder.
        concepts: The concepts with their facts and wordings.
        questions: Questions about pictures that are taken over, by file below ``pictures``.
        groups: Who stands ``left`` and ``right``, by group picture.
    """

    folder: Path
    concepts: tuple[Concept, ...]
    questions: Questions
    groups: Mapping[str, Row]

    @property
    def pictures(self) -> Path:
        """The folder of pictures."""
        return self.folder / "pictures"


def read_source(folder: Path) -> Source:
    """Read the tables of a user's folder.

    Raises:
        PreflightError: All problems of the tables at once (docs/reference/errors.md).
    """
    problems = Problems()
    concepts = with_wordings(folder, read_concepts(folder, problems), problems)
    groups = read_groups(folder, {concept.id: concept for concept in concepts}, problems)
    questions, rows = read_questions(folder, problems)
    taken_over = {file: rows for file, rows in questions.items() if file.startswith(TAKEN_OVER)}
    named = {file: rows[file] for file in taken_over} | {
        f"_groups/{file}": row for file, row in groups.items()
    }
    for file, row in named.items():
        if not (folder / "pictures" / file).is_file():
            what, remedy = f"there is no picture {file[:60]!r}", "Put it below pictures/, or mend the row"
            problems.add(InputError("E-COL-115", what, remedy, row.where("file")))
    problems.raise_if_any()
    return Source(folder, concepts, taken_over, groups)
