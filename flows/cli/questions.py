"""`siu bench questions`: the table of questions that the attacks ask, extended."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from siu.mmubench.judge.cache import ReplyCache
    from siu.mmubench.judge.endpoint import EndpointJudge


def extend_table(
    file: Path,
    languages: Sequence[str],
    kinds: Sequence[str],
    count: int,
    author: "tuple[EndpointJudge, ReplyCache] | None",
) -> tuple[int, int]:
    """Add up to ``count`` questions of each sort to a table, which is made if it isn't there.

    Args:
        file: The table.
        languages: In which languages.
        kinds: About which kinds of concepts.
        count: How many of each language, purpose and kind.
        author: A chat model that is asked before the templates, and its replies so far; None asks nobody.

    Returns:
        How many were added, and how many there are.

    Raises:
        PreflightError: The table is there and can't be read.
    """
    from siu.attacks.question_set import PURPOSES
    from siu.attacks.question_set.extend import QuestionCell, extended
    from siu.attacks.question_set.table import read_questions, write_questions
    from siu.attacks.question_set.written import written_questions

    there = read_questions(file) if file.exists() else ()
    cells = [cast("QuestionCell", sort) for sort in product(languages, PURPOSES, kinds)]
    writer = None if author is None else lambda sorts: written_questions(sorts, *author)
    grown = extended(there, cells, count, writer)
    write_questions(grown, file)
    return len(grown) - len(there), len(grown)
