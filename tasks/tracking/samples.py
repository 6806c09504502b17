"""A sample of the answers before and after, for people who look at a run."""

from collections.abc import Sequence
from pathlib import Path

from tasks.answers import RECORDS

SAMPLE_ANSWERS = 40
COLUMNS = ("purpose", "text", "answer_before", "answer_after")


def sample_answers(folders: Sequence[Path]) -> list[dict[str, str]]:
    """Return about forty questions with both answers, spread evenly over the questions.

    Args:
        folders: Of answer records: of the base model, and last the run's.
    """
    import pandas as pd

    before = pd.concat(pd.read_parquet(folder / RECORDS) for folder in folders[:-1])
    after = pd.read_parquet(folders[-1] / RECORDS)
    both = after.merge(before[["id", "answer"]], on="id", suffixes=("_after", "_before"))
    chosen = both.iloc[:: max(1, len(both) // SAMPLE_ANSWERS)]
    return [
        dict(zip(COLUMNS, row, strict=True)) for row in zip(*(chosen[name] for name in COLUMNS), strict=True)
    ]
