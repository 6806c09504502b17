"""docs/explanation/what-lasts.md holds the table of what each strategy stores."""

from pathlib import Path

from siu.strategies.tables import storage_table

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "what-lasts.md"


def test_the_page_has_the_table() -> None:
    assert storage_table() in PAGE.read_text(encoding="utf-8"), "python -m siu.strategies.tables prints it"
